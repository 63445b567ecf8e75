/**
 * What a value of a definition may be at other times: numbers and booleans widen (`0.1` → `number`), strings stay
 * what they are, so that `"sgd" | "adam"` can be checked. Arrays widen to one array type of any length, objects by
 * member.
 */
export type Widen<T> = [T] extends [infer U]
  ? WidenOne<Exclude<U, readonly unknown[]>> | WidenArrays<Extract<U, readonly unknown[]>>
  : never;

type WidenOne<T> = T extends string
  ? T
  : T extends number
    ? number
    : T extends boolean
      ? boolean
      : T extends bigint
        ? bigint
        : T extends null | undefined | Date | ArrayBufferView
          ? T
          : T extends object
            ? { readonly [K in keyof T]: Widen<T[K]> }
            : T;

/** Not distributed over a union: `[32] | [64, 64]` is to be read as `readonly number[]`, once. */
type WidenArrays<T extends readonly unknown[]> = [T] extends [never] ? never : readonly Widen<T[number]>[];

/**
 * One flat object type in place of an intersection, as people like to read it. The `& {}` takes away the name of this
 * type, so that editors, messages and declaration files show the members and need not name what is not exported.
 */
export type Flat<T> = { readonly [K in keyof T]: T[K] } & {};
