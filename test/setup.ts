import fc from "fast-check";

/** Property tests are the same in every run; METALAB_FC_SEED tries others. */
const seed = Number(process.env["METALAB_FC_SEED"] ?? 20_260_000);
fc.configureGlobal({ seed });
