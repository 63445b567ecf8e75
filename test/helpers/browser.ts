import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Readable, Writable } from "node:stream";

/** Where Chromium may be: what METALAB_CHROMIUM says, else the usual names on the path. */
export function findChromium(): string | undefined {
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const names = ["chromium", "chromium-browser", "google-chrome"];
  const places = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [process.env["METALAB_CHROMIUM"], ...places].find(
    (path): path is string => path !== undefined && path !== "" && existsSync(path),
  );
}

const FLAGS = [
  ...["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"],
  ...["--disable-background-networking", "--disable-component-update", "--disable-default-apps"],
  ...["--disable-extensions", "--disable-dev-shm-usage", "--no-default-browser-check", "--mute-audio"],
  ...["--force-color-profile=srgb", "--hide-scrollbars", "--remote-debugging-pipe"],
];

type Json = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Json;
  readonly result?: Json;
  readonly error?: { readonly message: string };
}

/** One page of a browser, driven by its DevTools protocol over a pipe. */
export interface BrowserPage {
  /** Opens an address and waits until it is loaded. */
  open(url: string): Promise<void>;
  /** The value of an expression in the page, promises awaited. */
  evaluate<T>(expression: string): Promise<T>;
  /** Waits until an expression is true. */
  until(expression: string): Promise<void>;
  /** A command of the protocol. */
  send(method: string, params?: Json): Promise<Json>;
  /** Addresses that were asked for since the page was opened, and what it threw or was refused. */
  readonly requests: readonly string[];
  readonly problems: string[];
  close(): Promise<void>;
}

/** Starts a browser with an empty profile, and opens a page in it. */
export async function openBrowser(path: string): Promise<BrowserPage> {
  const profile = mkdtempSync(join(tmpdir(), "metalab-browser-"));
  const child = spawn(path, [...FLAGS, `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
    detached: true,
  });
  const [input, output] = [child.stdio[3] as Writable, child.stdio[4] as Readable];
  const waiting = new Map<number, { resolve(value: Json): void; reject(error: Error): void }>();
  const requests: string[] = [];
  const problems: string[] = [];
  let loaded = () => {};
  let last = 0;
  let session: string | undefined;
  const receive = ({ id, method, params = {}, result = {}, error }: Message) => {
    if (id !== undefined) {
      const call = waiting.get(id);
      waiting.delete(id);
      if (error !== undefined) call?.reject(new Error(error.message));
      else call?.resolve(result);
    } else if (method === "Page.loadEventFired") loaded();
    else if (method === "Network.requestWillBeSent") {
      requests.push((params["request"] as { readonly url: string }).url);
    } else if (method === "Runtime.exceptionThrown" || method === "Log.entryAdded") {
      problems.push(JSON.stringify(params));
    } else if (method === "Page.javascriptDialogOpening")
      problems.push(`a dialog: ${JSON.stringify(params)}`);
  };
  let rest = Buffer.alloc(0);
  output.on("data", (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
      receive(JSON.parse(rest.subarray(0, end).toString("utf8")) as Message);
      rest = rest.subarray(end + 1);
    }
  });
  child.on("exit", () => {
    for (const { reject } of waiting.values()) reject(new Error("the browser has ended"));
    waiting.clear();
  });
  const send = (method: string, params: Json = {}): Promise<Json> =>
    new Promise((resolve, reject) => {
      last += 1;
      waiting.set(last, { resolve, reject });
      const whole = { id: last, method, params, ...(session === undefined ? {} : { sessionId: session }) };
      input.write(`${JSON.stringify(whole)}\0`);
    });

  const { targetInfos } = (await send("Target.getTargets")) as {
    readonly targetInfos: readonly { readonly type: string; readonly targetId: string }[];
  };
  const { targetId } = targetInfos.find(({ type }) => type === "page")!;
  session = (await send("Target.attachToTarget", { targetId, flatten: true }))["sessionId"] as string;
  for (const domain of ["Page", "Runtime", "Network", "Log"]) await send(`${domain}.enable`);

  const evaluate = async <T>(expression: string): Promise<T> => {
    const { result, exceptionDetails } = await send("Runtime.evaluate", {
      expression,
      awaitPromise: true,
      returnByValue: true,
    });
    if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
    return (result as { readonly value: T }).value;
  };
  return {
    requests,
    problems,
    send,
    evaluate,
    async open(url) {
      requests.length = 0;
      problems.length = 0;
      const done = new Promise<void>((resolve) => {
        loaded = resolve;
      });
      await send("Page.navigate", { url });
      await done;
    },
    async until(expression) {
      const deadline = Date.now() + 30_000;
      while (!(await evaluate<boolean>(`Boolean(${expression})`))) {
        if (Date.now() > deadline) throw new Error(`never true in the page: ${expression}`);
        await evaluate("new Promise((resolve) => setTimeout(resolve, 20))");
      }
    },
    close: () => end(child, profile),
  };
}

/** Ends the browser with all its processes; they are a group of their own. */
async function end(child: ChildProcess, profile: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, "exit");
    process.kill(-child.pid!, "SIGKILL");
    await gone;
  }
  rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
}
