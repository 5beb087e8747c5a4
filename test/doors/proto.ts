/** A protobuf message put together by hand: each field with its number. */
export function message(...fields: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(fields);
}

function varintBytes(value: number | bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return Buffer.from([...bytes, Number(rest)]);
}

export function varint(field: number, value: number | bigint): Uint8Array {
  return Buffer.concat([varintBytes(field * 8), varintBytes(value)]);
}

export function zigzag(field: number, value: number): Uint8Array {
  return varint(field, value >= 0 ? value * 2 : -value * 2 - 1);
}

export function double(field: number, value: number): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.concat([varintBytes(field * 8 + 1), bytes]);
}

export function fixed64(field: number, value: number | bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)));
  return Buffer.concat([varintBytes(field * 8 + 1), bytes]);
}

export function text(field: number, value: string): Uint8Array {
  return inner(field, Buffer.from(value));
}

export function inner(field: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([varintBytes(field * 8 + 2), varintBytes(value.length), value]);
}

/** Each message after its length, as `encoding=delimited` has it. */
export function delimited(...messages: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(messages.flatMap((one) => [varintBytes(one.length), one]));
}
