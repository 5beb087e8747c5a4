import { type Collector, fields, type Metric, metric, readOptional, readSource, type Sources } from '../collector.ts';

/** `TCP: inuse 5 mem 3`: pairs of name and value; `mem` counts pages. */
function parseSockstat(text: string, pageBytes: number): Metric[] {
  const metrics: Metric[] = [];
  for (const line of text.split('\n')) {
    const [protocol, ...pairs] = fields(line);
    for (let i = 0; i + 1 < pairs.length; i += 2) {
      const name = `node_sockstat_${protocol?.slice(0, -1)}_${pairs[i]}`;
      metrics.push(metric(name, Number(pairs[i + 1])));
      if (pairs[i] === 'mem') metrics.push(metric(`${name}_bytes`, Number(pairs[i + 1]) * pageBytes));
    }
  }
  return metrics;
}

const AT_PAGESZ = 6n;
const USUAL_PAGE_BYTES = 4_096;

/** The size of a page from the auxiliary vector of a 64-bit process (getauxval(3)): pairs of 64-bit numbers in the machine's order. */
export function parseAuxvPageBytes(auxv: Uint8Array): number {
  const view = new DataView(auxv.buffer, auxv.byteOffset, auxv.byteLength);
  for (let at = 0; at + 16 <= auxv.byteLength; at += 16) {
    if (view.getBigUint64(at, true) === AT_PAGESZ) return Number(view.getBigUint64(at + 8, true));
  }
  return USUAL_PAGE_BYTES;
}

export function openSockstat(): Collector {
  let pageBytes: number | null = null;
  return {
    name: 'sockstat',
    collect: async (from) => {
      pageBytes ??= await readPageBytes(from);
      const v4 = parseSockstat(await readSource(from, `${from.proc}/net/sockstat`), pageBytes);
      return [...v4, ...parseSockstat((await readOptional(from, `${from.proc}/net/sockstat6`)) ?? '', pageBytes)];
    },
  };
}

async function readPageBytes(from: Sources): Promise<number> {
  try {
    return parseAuxvPageBytes(await from.files.readBytes(`${from.proc}/self/auxv`, 65_536));
  } catch {
    return USUAL_PAGE_BYTES;
  }
}
