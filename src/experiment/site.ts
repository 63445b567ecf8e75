/** Where a definition stands, as far as the language itself can tell. */
export interface DefinitionSite {
  /** Given as `module`. */
  readonly module: string | undefined;
  /** The stack at the definition, from the caller on; made into text when it is read. */
  readonly trace: { readonly stack?: string };
}

const sites = new WeakMap<object, DefinitionSite>();

/** Remembers from where an experiment was made. */
export function rememberSite(experiment: object, module: string | undefined): void {
  sites.set(experiment, siteAbove(experiment.constructor as () => void, module));
}

/** From where a function was called, which is being called. */
export function siteAbove(called: (...args: never) => unknown, module?: string): DefinitionSite {
  const trace: { readonly stack?: string } = {};
  Error.captureStackTrace?.(trace, called);
  return { module, trace };
}

/** Where an experiment was made; `undefined` for what is not one. */
export function siteOf(experiment: object): DefinitionSite | undefined {
  return sites.get(experiment);
}
