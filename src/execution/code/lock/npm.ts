import { isPlainObject } from "../../../identity/canonical.ts";
import type { PackageJson } from "../disk.ts";
import { type Lock, type Locked, sourceOf } from "./lock.ts";

/** `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3: packages by the folder that they are installed in. */
export function npmLock(text: string): Lock | undefined {
  const json: unknown = JSON.parse(text);
  if (!isPlainObject(json)) return undefined;
  const places = new Map<string, PackageJson>();
  if (isPlainObject(json.packages)) {
    for (const [place, one] of Object.entries(json.packages)) if (isPlainObject(one)) places.set(place, one);
  } else if (isPlainObject(json.dependencies)) addNested(json.dependencies, "", places);
  else return undefined;

  const find = (folder: string, name: string): string | undefined => {
    for (let at = folder; ; at = at.slice(0, Math.max(at.lastIndexOf("/"), 0))) {
      const place = at === "" ? `node_modules/${name}` : `${at}/node_modules/${name}`;
      if (places.has(place)) return place;
      if (at === "") return undefined;
    }
  };
  return {
    find: ({ folder }, name) => find(folder, name),
    entry: (place) => {
      const one = places.get(place);
      return one === undefined || one.link === true ? undefined : lockedOf(place, one, find);
    },
  };
}

function lockedOf(
  place: string,
  one: PackageJson,
  find: (folder: string, name: string) => string | undefined,
): Locked {
  const { version, resolved, integrity } = one;
  const given = typeof version === "string" ? version : "";
  const isVersion = /^\d/.test(given);
  const from = typeof resolved === "string" ? resolved : isVersion || given === "" ? undefined : given;
  const needs = new Map<string, string | undefined>();
  for (const kind of ["dependencies", "optionalDependencies", "peerDependencies"]) {
    const asked = one[kind];
    if (isPlainObject(asked)) for (const name of Object.keys(asked)) needs.set(name, find(place, name));
  }
  return {
    name: typeof one.name === "string" ? one.name : place.slice(place.lastIndexOf("node_modules/") + 13),
    version: isVersion ? given : undefined,
    source: sourceOf(from, typeof integrity === "string" ? integrity : undefined),
    needs,
  };
}

/** Version 1: packages inside of each other, as they are installed. */
function addNested(dependencies: PackageJson, folder: string, places: Map<string, PackageJson>): void {
  for (const [name, one] of Object.entries(dependencies)) {
    if (!isPlainObject(one)) continue;
    const place = `${folder}node_modules/${name}`;
    const alias = typeof one.version === "string" ? /^npm:(.+)@([^@]+)$/.exec(one.version) : null;
    places.set(place, {
      ...one,
      ...(alias === null ? {} : { name: alias[1], version: alias[2] }),
      dependencies: isPlainObject(one.requires) ? one.requires : {},
    });
    if (isPlainObject(one.dependencies)) addNested(one.dependencies, `${place}/`, places);
  }
}
