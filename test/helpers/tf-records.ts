import { crc32c } from "../../src/results/export/tensorboard/crc32c.ts";

/** Undoes the mask of a checksum in a TFRecord file. */
function unmasked(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}

/** The records of a TFRecord file. @throws Error when a checksum is wrong or bytes are left over */
export function tfRecords(bytes: Buffer): readonly Buffer[] {
  const records: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = Number(bytes.readBigUInt64LE(at));
    const record = bytes.subarray(at + 12, at + 12 + length);
    if (unmasked(bytes.readUInt32LE(at + 8)) !== crc32c(bytes.subarray(at, at + 8)))
      throw new Error("length");
    if (unmasked(bytes.readUInt32LE(at + 12 + length)) !== crc32c(record)) throw new Error("record");
    records.push(record);
    at += 16 + length;
  }
  if (at !== bytes.length) throw new Error("left over");
  return records;
}

/** A field of a message: number, and value by its wire type. */
export interface ProtoField {
  readonly field: number;
  readonly value: bigint | number | Buffer;
}

/** The fields of a message in the binary form of Protocol Buffers. */
export function protoFields(bytes: Buffer): readonly ProtoField[] {
  const fields: ProtoField[] = [];
  let at = 0;
  const varint = (): bigint => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
      shift += 7n;
    }
  };
  while (at < bytes.length) {
    const tag = Number(varint());
    const field = tag >> 3;
    switch (tag & 7) {
      case 0:
        fields.push({ field, value: varint() });
        break;
      case 1:
        fields.push({ field, value: bytes.readDoubleLE(at) });
        at += 8;
        break;
      case 2: {
        const length = Number(varint());
        fields.push({ field, value: bytes.subarray(at, at + length) });
        at += length;
        break;
      }
      case 5:
        fields.push({ field, value: bytes.readFloatLE(at) });
        at += 4;
        break;
      default:
        throw new Error(`wire type ${tag & 7}`);
    }
  }
  return fields;
}
