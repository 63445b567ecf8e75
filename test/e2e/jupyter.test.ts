import { type ChildProcess, spawn } from "node:child_process";
import { createHmac, randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ensureBuilt, ROOT } from "../helpers/built.ts";
import { type ZmtpSocket, zmtpConnect } from "../helpers/zmtp.ts";

const deno = [process.env["METALAB_DENO"], join(ROOT, "node_modules", ".bin", "deno")].find(
  (path) => path !== undefined && existsSync(path),
);
const required = process.env["METALAB_REQUIRE_ALL"] === "1";
if (deno === undefined) {
  console.warn(
    "jupyter: NOT TESTED, there is no Deno. Install it (npm install --prefix <folder> deno) and set METALAB_DENO to <folder>/node_modules/.bin/deno",
  );
}

interface Message {
  readonly type: string;
  /** Id of the request that it answers. */
  readonly parent: string;
  readonly content: Readonly<Record<string, unknown>>;
}

const DELIMITER = "<IDS|MSG>";
const KEY = randomUUID();

function signed(type: string, content: object): { readonly id: string; readonly frames: readonly Buffer[] } {
  const id = randomUUID();
  const header = {
    msg_id: id,
    msg_type: type,
    session: KEY,
    username: "test",
    version: "5.3",
    date: new Date().toISOString(),
  };
  const parts = [header, {}, {}, content].map((part) => Buffer.from(JSON.stringify(part)));
  const signature = createHmac("sha256", KEY);
  for (const part of parts) signature.update(part);
  return { id, frames: [Buffer.from(DELIMITER), Buffer.from(signature.digest("hex")), ...parts] };
}

function parsed(frames: readonly Buffer[]): Message {
  const at = frames.findIndex((frame) => frame.toString() === DELIMITER);
  const [header, parent, , content] = frames.slice(at + 2).map((frame) => JSON.parse(frame.toString())) as [
    { msg_type: string },
    { msg_id?: string },
    unknown,
    Record<string, unknown>,
  ];
  return { type: header.msg_type, parent: parent.msg_id ?? "", content };
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

async function patiently<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  const end = Date.now() + 30_000;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (Date.now() > end) throw new Error(`${what} did not work within 30 s`, { cause: error });
      await sleep(100);
    }
  }
}

/** What `deno jupyter` shows as the result of a cell, by MIME type. */
type Cell = (code: string) => Promise<Readonly<Record<string, string>>>;

describe.skipIf(deno === undefined && !required)("in a Jupyter notebook of Deno", () => {
  const folder = mkdtempSync(join(tmpdir(), "metalab-jupyter-"));
  let kernel: ChildProcess | undefined;
  let shell: ZmtpSocket | undefined;
  let iopub: ZmtpSocket | undefined;
  let told = "";

  beforeAll(async () => {
    if (deno === undefined) throw new Error("METALAB_REQUIRE_ALL=1, and there is no Deno: set METALAB_DENO");
    ensureBuilt();
    const [shellPort, iopubPort, stdinPort, controlPort, hbPort] = (await freePorts(5)) as number[];
    const connection = join(folder, "connection.json");
    writeFileSync(
      connection,
      JSON.stringify({
        transport: "tcp",
        ip: "127.0.0.1",
        shell_port: shellPort,
        iopub_port: iopubPort,
        stdin_port: stdinPort,
        control_port: controlPort,
        hb_port: hbPort,
        signature_scheme: "hmac-sha256",
        key: KEY,
      }),
    );
    kernel = spawn(deno, ["jupyter", "--kernel", "--conn", connection], {
      cwd: ROOT,
      env: { ...process.env, DENO_DIR: join(folder, "deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    kernel.stdout?.on("data", (text) => (told += String(text)));
    kernel.stderr?.on("data", (text) => (told += String(text)));
    try {
      shell = await patiently("connecting to the kernel", () => zmtpConnect(shellPort!, "DEALER"));
      iopub = await patiently("listening to the kernel", () => zmtpConnect(iopubPort!, "SUB"));
      // A subscription takes a moment; until then the kernel talks to nobody.
      await patiently("hearing the kernel", async () => {
        shell!.send(signed("kernel_info_request", {}).frames);
        await iopub!.receive(500);
      });
    } catch (error) {
      throw new Error(`the kernel did not start; it said: ${told || "nothing"}`, { cause: error });
    }
  }, 120_000);

  afterAll(async () => {
    shell?.close();
    iopub?.close();
    if (kernel !== undefined && kernel.exitCode === null) {
      const gone = new Promise((resolve) => kernel!.once("exit", resolve));
      kernel.kill("SIGKILL");
      await gone;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const cell: Cell = async (code) => {
    const request = signed("execute_request", {
      code,
      silent: false,
      store_history: true,
      user_expressions: {},
      allow_stdin: false,
      stop_on_error: true,
    });
    shell!.send(request.frames);
    let shown: Readonly<Record<string, string>> | undefined;
    let idle = false;
    // The kernel sends the two from different tasks: "idle" may come before the result.
    while (shown === undefined || !idle) {
      const message = parsed(await iopub!.receive(60_000));
      if (message.parent !== request.id) continue;
      if (message.type === "error") throw new Error(JSON.stringify(message.content));
      if (message.type === "execute_result") shown = message.content["data"] as typeof shown;
      if (message.type === "status" && message.content["execution_state"] === "idle") idle = true;
    }
    return shown;
  };

  test("results are shown as a table, in HTML and in text", async () => {
    const shown = await cell(`
      const metalab = await import(${JSON.stringify(pathToFileURL(join(ROOT, "dist", "index.js")).href)});
      const experiment = new metalab.Experiment({
        name: "notebook",
        version: "1",
        params: metalab.grid({ x: [1, 2, 3] }),
        operation: ({ params }) => ({ square: params.x ** 2 }),
      });
      const results = await metalab.run(experiment, { store: metalab.memoryStore(), progress: "none" }).result();
      results`);
    expect(shown["text/plain"]).toMatch(/^notebook@1: 3 runs \(3 success\)\nid +trial/);
    expect(shown["text/html"]).toContain("<table");
    expect(shown["text/html"]).toMatch(/<td[^>]*>9<\/td>/);
  });

  test("a run is shown as its fields", async () => {
    const shown = await cell("results.at(2)");
    expect(shown["text/plain"]).toMatch(/metrics\.square +9\n/);
    expect(shown["text/html"]).toContain("metrics.square");
  });

  test("results inside of other values are shown as text", async () => {
    const shown = await cell("[results]");
    expect(shown["text/plain"]).toContain("notebook@1: 3 runs");
  });
});
