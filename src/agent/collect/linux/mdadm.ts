import { type Collector, type Metric, metric, readOptional } from '../collector.ts';

const STATES = ['active', 'inactive', 'recovering', 'resync', 'check'] as const;

export interface RaidArray {
  readonly device: string;
  readonly state: (typeof STATES)[number];
  /** Members by what the kernel says of them. */
  readonly active: number;
  readonly failed: number;
  readonly spare: number;
  /** How many members the array wants. */
  readonly required: number;
  readonly blocks: number;
  readonly blocksSynced: number;
}

/** /proc/mdstat: `md0 : active raid1 sdb1[1] sda1[0](F)`, then `1024 blocks [2/1] [U_]`, then perhaps how far a rebuild is. */
export function parseMdstat(text: string): RaidArray[] {
  const arrays: RaidArray[] = [];
  for (const block of text.split(/\n(?=\S)/)) {
    const [, device, activity, members] = /^(md\S*) : (active|inactive)(.*)$/m.exec(block) ?? [];
    if (device === undefined || activity === undefined || members === undefined) continue;
    const [, sync, synced] = /(recovery|reshape|resync|check)\s*=.*?\((\d+)\/\d+\)/.exec(block) ?? [];
    const blocks = Number(/^\s+(\d+) blocks/m.exec(block)?.[1] ?? 0);
    const total = members.match(/\[\d+\]/g)?.length ?? 0;
    const failed = members.match(/\(F\)/g)?.length ?? 0;
    const spare = members.match(/\(S\)/g)?.length ?? 0;
    const [, required, active] = /\[(\d+)\/(\d+)\]/.exec(block) ?? [];
    arrays.push({
      device,
      state: stateOf(activity, sync),
      active: activity === 'inactive' ? 0 : Number(active ?? total - failed - spare),
      failed,
      spare,
      required: Number(required ?? total),
      blocks,
      blocksSynced: synced === undefined ? blocks : Number(synced),
    });
  }
  return arrays;
}

function stateOf(activity: string, sync: string | undefined): RaidArray['state'] {
  if (sync === 'recovery' || sync === 'reshape') return 'recovering';
  if (sync === 'resync' || sync === 'check') return sync;
  return activity === 'inactive' ? 'inactive' : 'active';
}

export const mdadm: Collector = {
  name: 'mdadm',
  collect: async (from) => parseMdstat((await readOptional(from, `${from.proc}/mdstat`)) ?? '').flatMap(arrayMetrics),
};

function arrayMetrics(array: RaidArray): Metric[] {
  const { device } = array;
  return [
    ...STATES.map((state) => metric('node_md_state', array.state === state ? 1 : 0, { device, state })),
    metric('node_md_disks', array.active, { device, state: 'active' }),
    metric('node_md_disks', array.failed, { device, state: 'failed' }),
    metric('node_md_disks', array.spare, { device, state: 'spare' }),
    metric('node_md_disks_required', array.required, { device }),
    metric('node_md_blocks', array.blocks, { device }),
    metric('node_md_blocks_synced', array.blocksSynced, { device }),
  ];
}
