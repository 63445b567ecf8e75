import { type DefinitionSite, siteOf } from "../../experiment/site.ts";
import { sha256Hex } from "../../identity/sha256.ts";
import type { Store } from "../../store/store.ts";
import { broughtCode } from "./brought.ts";
import { FileFacts, isOwnFile, type Stamped, stampAt } from "./file-facts.ts";
import { type CodeGraph, type DefinitionPlace, graphOf } from "./graph.ts";
import { normalText } from "./normal.ts";
import { loadParser, type Parser } from "./parser.ts";
import { type Definition, placeOf } from "./place.ts";
import { Resolver } from "./resolve.ts";
import { holds, type Trace } from "./trace.ts";

/** What is known of the code of an operation. */
export interface OperationCode {
  /** `"<kind>/<version>:<hash>"`. */
  readonly fingerprint: string;
  /** Whether code counts only as far as the operation reaches it. */
  readonly isExact: boolean;
  /** Of what it is made; `undefined` where no file was found, so that only the function's own text counts. */
  graph(): Promise<CodeGraph | undefined>;
}

interface DefinedOperation {
  readonly name: string;
  readonly operation: (input: never) => unknown;
}

/** Changes with the form of what is cached, and with the normal form of code. */
const CACHE_FORM = 4;
/** Files of which facts are kept though the last that was read did not need them. */
const MOST_OTHERS = 2_000;

/** What this process has loaded does not change any more, so a fingerprint holds until it ends. */
const known = new WeakMap<object, Promise<OperationCode>>();
const knownComputes = new WeakMap<object, Map<string, Promise<string>>>();

/**
 * The code of the operation of an experiment: the graph of its modules, or where no file can be found the normal
 * form of the function alone.
 *
 * @param store - Keeps what was read of files that have not changed since, in its disposable cache.
 */
export function codeOf(experiment: DefinedOperation, store: Store | undefined): Promise<OperationCode> {
  // Nothing of it is loaded into this process, so it may be another one the next time.
  if (broughtCode(experiment.operation) !== undefined) return readCode(experiment, store);
  let code = known.get(experiment);
  if (code === undefined) {
    code = readCode(experiment, store);
    known.set(experiment, code);
  }
  return code;
}

/** As {@link codeOf}, from the files as they are now. */
export async function readCode(
  experiment: DefinedOperation,
  store: Store | undefined,
): Promise<OperationCode> {
  const { name, operation } = experiment;
  const graph = broughtCode(operation)?.read();
  if (graph !== undefined)
    return { fingerprint: graph.fingerprint, isExact: graph.isExact, graph: async () => graph };
  return readDefinition({ kind: "experiment", name, site: siteOf(experiment) }, operation, store);
}

/**
 * The fingerprint of the code of a function that is given to `derive()`.
 *
 * @param names - Of what is derived.
 * @param site - Where `derive()` was called.
 */
export function computeFingerprint(
  compute: (input: never) => unknown,
  names: readonly string[],
  site: DefinitionSite,
  store: Store | undefined,
): Promise<string> {
  const name = names.join(",");
  const fingerprints = knownComputes.get(compute) ?? new Map<string, Promise<string>>();
  knownComputes.set(compute, fingerprints);
  let found = fingerprints.get(name);
  if (found === undefined) {
    found = readDefinition({ kind: "derive", name, site }, compute, store).then(
      async ({ fingerprint, isExact }) =>
        // Where its file counts as a whole, the function is told apart from others in it by its own text.
        isExact ? fingerprint : `${fingerprint}+${functionFingerprint(compute, await loadParser())}`,
    );
    fingerprints.set(name, found);
  }
  return found;
}

async function readDefinition(
  definition: Definition,
  operation: (input: never) => unknown,
  store: Store | undefined,
): Promise<OperationCode> {
  const place = placeOf(definition, isOwnFile);
  if (place !== undefined) {
    const about = place.kind === "experiment" ? place.name : `${place.kind} ${place.name}`;
    const name = `code/${sha256Hex(`${about}\n${place.files.join("\n")}`).slice(0, 32)}`;
    const trace = await cachedJson<Trace>(store, `${name}.trace`);
    if (trace !== undefined && holds(trace)) {
      const { fingerprint, isExact } = trace;
      return { fingerprint, isExact, graph: () => readGraph(place, store, name) };
    }
    const graph = await readGraph(place, store, name);
    if (graph !== undefined) {
      const { fingerprint, isExact } = graph;
      return { fingerprint, isExact, graph: async () => graph };
    }
  }
  return {
    fingerprint: functionFingerprint(operation, await loadParser()),
    isExact: true,
    graph: async () => undefined,
  };
}

async function readGraph(
  place: DefinitionPlace,
  store: Store | undefined,
  name: string,
): Promise<CodeGraph | undefined> {
  let resolver = new Resolver();
  // Of all that is defined in a project, which often has most modules in common.
  const facts = `code/${sha256Hex(resolver.rootOf(place.files[0]!)).slice(0, 32)}.facts`;
  const stamped = new Map(await cachedJson<readonly [string, Stamped][]>(store, facts));
  let files = new FileFacts(undefined, stamped);
  let graph = graphOf(place, files, resolver);
  if (files.needsParser) {
    const parser = await loadParser();
    if (parser === undefined) return undefined;
    files = new FileFacts(parser, stamped);
    resolver = new Resolver();
    graph = graphOf(place, files, resolver);
  }
  if (graph === undefined) return undefined;
  const { kept } = files;
  if (kept !== undefined) {
    const others = [...stamped].filter(([path]) => !kept.has(path));
    await cacheJson(store, facts, [...others.slice(-MOST_OTHERS), ...kept]);
  }
  const stamps = files.stamps;
  if (stamps !== undefined) {
    const { kinds, read, links } = resolver.disk;
    const settings = [...read].map((path) => [path, stampAt(path)] as const);
    const { fingerprint, isExact } = graph;
    const trace: Trace = { fingerprint, isExact, files: [...stamps, ...settings], kinds: [...kinds], links };
    await cacheJson(store, `${name}.trace`, trace);
  }
  return graph;
}

async function cachedJson<T>(store: Store | undefined, name: string): Promise<T | undefined> {
  const bytes = await store?.cached(name).catch(() => undefined);
  if (bytes === undefined) return undefined;
  try {
    const { form, value } = JSON.parse(Buffer.from(bytes).toString("utf8")) as { form: unknown; value: T };
    return form === CACHE_FORM ? value : undefined;
  } catch {
    return undefined;
  }
}

async function cacheJson(store: Store | undefined, name: string, value: unknown): Promise<void> {
  // A cache that cannot be written costs time, nothing else.
  await store?.cache(name, Buffer.from(JSON.stringify({ form: CACHE_FORM, value }))).catch(() => undefined);
}

/** The fingerprint of a function's own text, in normal form: not of what it calls. */
export function functionFingerprint(
  operation: (input: never) => unknown,
  parser: Parser | undefined,
): string {
  const text = Function.prototype.toString.call(operation);
  // A method is no expression by itself.
  for (const whole of [`(${text});`, `({ ${text} });`]) {
    const body = parser?.("operation.ts", whole);
    if (body === undefined || typeof body === "string") continue;
    return `function/2:${sha256Hex(body.map((node) => normalText(node)).join("\n"))}`;
  }
  return `function-text/1:${sha256Hex(text)}`;
}
