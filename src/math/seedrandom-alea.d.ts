/** One generator of seedrandom, by itself: the main entry of the package loads all of them. */
declare module "seedrandom/lib/alea.js" {
  interface Generator {
    (): number;
    /** 53 bits, `[0, 1)`. */
    double(): number;
    /** A signed 32-bit integer. */
    int32(): number;
  }
  function alea(seed: string): Generator;
  export default alea;
}
