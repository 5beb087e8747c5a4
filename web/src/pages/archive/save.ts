import { loadRuns, type RunFilter } from '../../data/runs.ts';
import type { Run } from '../../data/types.ts';
import { saveFile } from '../../parts/save-file.ts';
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
  saveFile(`tocsin-runs-${new Date().toISOString().slice(0, 10)}.csv`, 'text/csv;charset=utf-8', ['\uFEFF', formatCsv(runs)]);
  return runs.length;
}
