import { type Collector, fields, type Metric, metric, readOptional, readSource } from '../collector.ts';

/** Of the four hundred counters those that node_exporter takes. */
const WANTED =
  /^(?:.*_(?:InErrors|InErrs)|Ip_Forwarding|Ip(?:6|Ext)_(?:InOctets|OutOctets)|Icmp6?_(?:InMsgs|OutMsgs)|TcpExt_(?:Listen.*|Syncookies.*|TCPSynRetrans|TCPTimeouts|TCPOFOQueue|TCPRcvQDrop)|Tcp_(?:ActiveOpens|InSegs|OutSegs|OutRsts|PassiveOpens|RetransSegs|CurrEstab)|Udp6?_(?:InDatagrams|OutDatagrams|NoPorts|RcvbufErrors|SndbufErrors))$/;

/** /proc/net/netstat and /proc/net/snmp: pairs of lines, the first with the names, the second with the values. */
function parseNetstat(text: string): Metric[] {
  const lines = text.split('\n');
  const metrics: Metric[] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    const [protocol, ...names] = fields(lines[i] ?? '');
    const [same, ...values] = fields(lines[i + 1] ?? '');
    if (protocol === undefined || protocol !== same) throw new Error(`line ${i + 2} is not the values of line ${i + 1}`);
    for (const [column, name] of names.entries()) add(metrics, `${protocol.slice(0, -1)}_${name}`, values[column]);
  }
  return metrics;
}

/** /proc/net/snmp6: `Ip6InOctets 12`; the protocol ends with the 6. */
function parseSnmp6(text: string): Metric[] {
  const metrics: Metric[] = [];
  for (const line of text.split('\n')) {
    const [name, value] = fields(line);
    const six = name?.indexOf('6') ?? -1;
    if (name !== undefined && six >= 0) add(metrics, `${name.slice(0, six + 1)}_${name.slice(six + 1)}`, value);
  }
  return metrics;
}

function add(metrics: Metric[], name: string, value: string | undefined): void {
  if (value !== undefined && WANTED.test(name)) metrics.push(metric(`node_netstat_${name}`, Number(value)));
}

/** A machine without IPv6 has no snmp6. */
export const netstat: Collector = {
  name: 'netstat',
  collect: async (from) => [
    ...parseNetstat(await readSource(from, `${from.proc}/net/netstat`)),
    ...parseNetstat(await readSource(from, `${from.proc}/net/snmp`)),
    ...parseSnmp6((await readOptional(from, `${from.proc}/net/snmp6`)) ?? ''),
  ],
};
