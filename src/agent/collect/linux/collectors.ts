import type { Collector } from '../collector.ts';
import { openCpu } from './cpu.ts';
import { diskstats } from './diskstats.ts';
import { filefd } from './filefd.ts';
import { openFilesystem } from './filesystem.ts';
import { loadavg } from './loadavg.ts';
import { mdadm } from './mdadm.ts';
import { meminfo } from './meminfo.ts';
import { openNetClass } from './netclass.ts';
import { netdev } from './netdev.ts';
import { netstat } from './netstat.ts';
import { os } from './os.ts';
import { pressure } from './pressure.ts';
import { processes } from './processes.ts';
import { conntrack, entropy } from './single-values.ts';
import { openSockstat } from './sockstat.ts';
import { softnet } from './softnet.ts';
import { stat } from './stat.ts';
import { thermal } from './thermal.ts';
import { time } from './time.ts';
import { uname } from './uname.ts';
import { vmstat } from './vmstat.ts';

/** Everything the agent measures on Linux. A new collector is one file and one line here. */
export function linuxCollectors(): readonly Collector[] {
  return [
    conntrack,
    openCpu(),
    diskstats,
    entropy,
    filefd,
    openFilesystem(),
    loadavg,
    mdadm,
    meminfo,
    openNetClass(),
    netdev,
    netstat,
    os,
    pressure,
    processes,
    openSockstat(),
    softnet,
    stat,
    thermal,
    time,
    uname,
    vmstat,
  ];
}
