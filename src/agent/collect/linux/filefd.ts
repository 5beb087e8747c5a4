import { fields, type Metric, metric, procCollector } from '../collector.ts';

/** /proc/sys/fs/file-nr: in use, free (always 0 since Linux 2.6), the most there may be. */
function parseFileNr(text: string): Metric[] {
  const [allocated, , maximum] = fields(text);
  if (maximum === undefined) throw new Error('file-nr is not three numbers');
  return [metric('node_filefd_allocated', Number(allocated)), metric('node_filefd_maximum', Number(maximum))];
}

export const filefd = procCollector('filefd', 'sys/fs/file-nr', parseFileNr);
