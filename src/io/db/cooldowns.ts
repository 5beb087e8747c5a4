import { millisColumn } from './column.ts';
import type { Dialect } from './dialect.ts';
import { keep, type Keeper } from './noun.ts';

export function keepCooldowns(dialect: Dialect): Keeper<'cooldown'> {
  return keep(dialect, {
    table: 'cooldown',
    encode: ({ id, at }) => ({ id, at: millisColumn(at) }),
    decodeAll: async (rows) => rows.map(({ id, at }) => ({ id, at })),
  });
}
