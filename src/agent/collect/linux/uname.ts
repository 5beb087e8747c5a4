import { machine } from 'node:os';
import { type Collector, metric, readOptional } from '../collector.ts';

const FILES = {
  sysname: 'ostype',
  release: 'osrelease',
  version: 'version',
  nodename: 'hostname',
  domainname: 'domainname',
} as const;

/** What uname(2) says; the kernel shows all of it but the machine in /proc. */
export const uname: Collector = {
  name: 'uname',
  collect: async (from) => {
    const labels: Record<string, string> = { machine: machine() };
    for (const [label, file] of Object.entries(FILES))
      labels[label] = ((await readOptional(from, `${from.proc}/sys/kernel/${file}`)) ?? '').trim();
    return [metric('node_uname_info', 1, labels)];
  },
};
