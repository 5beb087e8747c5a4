import { loadRuns, type RunFilter } from '../../data/runs.ts';
import type { Run } from '../../data/types.ts';
import { formatCsv } from './csv.ts';

const PAGE = 500;
const MOST = 20_000;

/** Loads every run that the filter shows, up to 20 000, and hands them to the browser as a CSV file. */
export async function saveCsv(filter: RunFilter): Promise<number> {
  const runs: Run[] = [];
  let cursor: string | null = '';
  while (cursor !== null && runs.length < MOST) {
    const page: { items: Run[]; next: string | null } = await loadRuns(filter, PAGE, cursor);
    runs.push(...page.items);
    cursor = page.next;
  }
  const url = URL.createObjectURL(new Blob(['\uFEFF', formatCsv(runs)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `tocsin-runs-${new Date().toISOString().slice(0, 10)}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  return runs.length;
}
