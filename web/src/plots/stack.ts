type Values = readonly (number | null)[];

/** Columns piled upon each other: the n-th is the sum of the first n. A missing value counts as nothing unless all are missing there. */
export function stack(columns: readonly Values[]): (number | null)[][] {
  const length = columns[0]?.length ?? 0;
  const sums = Array.from({ length }, () => 0);
  const known = Array.from({ length }, (_, index) => columns.some((column) => column[index] !== null && column[index] !== undefined));
  return columns.map((column) =>
    column.map((value, index) => {
      if (!known[index]) return null;
      const sum = (sums[index] ?? 0) + (value ?? 0);
      sums[index] = sum;
      return sum;
    }),
  );
}

/** The largest and last of a column, for words beside the picture. */
export function summary(values: Values): { readonly last: number | null; readonly most: number | null } {
  let last: number | null = null;
  let most: number | null = null;
  for (const value of values) {
    if (value === null) continue;
    last = value;
    if (most === null || value > most) most = value;
  }
  return { last, most };
}
