/** The Palmer penguins as numbers: see README.md for where they come from. */
import { readFileSync } from "node:fs";

export interface Examples {
  readonly inputs: readonly (readonly number[])[];
  /** 1 for male, 0 for female. */
  readonly labels: readonly number[];
}

const MEASURED = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"];
const SPECIES = ["Adelie", "Chinstrap", "Gentoo"];

/** The penguins of which everything is known: measurements and species in, sex out. Every fourth is for validation. */
export function loadPenguins(): { readonly train: Examples; readonly validation: Examples } {
  const [header = "", ...lines] = readFileSync(new URL("penguins.csv", import.meta.url), "utf8")
    .trim()
    .split(/\r?\n/);
  const names = header.split(",");
  const rows = lines
    .map((line) => Object.fromEntries(line.split(",").map((cell, column) => [names[column], cell])))
    .filter((row) => !Object.values(row).includes("NA"));
  const isTrain = (_: unknown, index: number) => index % 4 !== 3;
  const columns = MEASURED.map((name) => rows.map((row) => Number(row[name])));
  // Scaled by what is known from the training examples alone.
  const scaled = columns.map((values) => {
    const known = values.filter(isTrain);
    const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
    const sd = Math.sqrt(known.reduce((sum, value) => sum + (value - mean) ** 2, 0) / known.length);
    return values.map((value) => (value - mean) / sd);
  });
  const inputs = rows.map((row, index) => [
    ...scaled.map((values) => values[index]!),
    ...SPECIES.map((species) => (row["species"] === species ? 1 : 0)),
  ]);
  const labels = rows.map((row) => (row["sex"] === "male" ? 1 : 0));
  const isValidation = (_: unknown, index: number) => !isTrain(_, index);
  return {
    train: { inputs: inputs.filter(isTrain), labels: labels.filter(isTrain) },
    validation: { inputs: inputs.filter(isValidation), labels: labels.filter(isValidation) },
  };
}
