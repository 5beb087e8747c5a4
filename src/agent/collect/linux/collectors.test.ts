import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLabels } from '../../../core/base/labels.ts';
import { openManualClock } from '../../../../test/doors/manual-clock.ts';
import { openMemoryFiles } from '../../../../test/doors/memory-files.ts';
import type { Metric, Sources } from '../collector.ts';
import { linuxCollectors } from './collectors.ts';

/** A small machine: two processors (one of which was never busy), one disk, one network card that is up, IPv6 switched off. */
const MACHINE: Readonly<Record<string, string>> = {
  '/host/proc/stat': [
    'cpu  300 2 100 9000 50 0 10 5 20 1',
    'cpu0 250 2 90 4000 50 0 10 5 20 1',
    'cpu1 50 0 10 5000 0 0 0 0',
    'intr 123456 9 0 0 1',
    'ctxt 987654321',
    'btime 1700000000',
    'processes 4321',
    'procs_running 2',
    'procs_blocked 1',
    'softirq 5 1 2 2',
    '',
  ].join('\n'),
  '/host/proc/loadavg': '0.52 0.41 1.33 2/345 6789\n',
  '/host/proc/meminfo': 'MemTotal:       16000000 kB\nActive(anon):     1024 kB\nHugePages_Total:       3\nDirectMap4k:      100 kB\n',
  '/host/proc/vmstat': 'nr_free_pages 5\npgpgin 10\npswpout 11\npgfault 12\npgmajfault 13\noom_kill 1\npgscan_direct 99\n',
  '/host/proc/sys/fs/file-nr': '2112\t0\t9223372036854775807\n',
  '/host/proc/pressure/cpu': 'some avg10=0.00 avg60=0.00 avg300=0.00 total=2500000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=7\n',
  '/host/proc/pressure/io': 'some avg10=1.00 avg60=0.00 avg300=0.00 total=1000000\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=500000\n',
  '/host/proc/diskstats': [
    '   7       0 loop0 1 0 0 0 0 0 0 0 0 0 0',
    ' 259       0 nvme0n1 100 20 3000 450 50 10 2000 333 1 700 783 5 1 400 9 3 2',
    ' 259       1 nvme0n1p1 90 0 0 0 0 0 0 0 0 0 0',
    '   8       0 sda 1 2 3 4 5 6 7 8 9 10 11',
    '',
  ].join('\n'),
  '/host/run/udev/data/b259:0': 'S:disk/by-id/x\nE:ID_MODEL=Fast Disk 1\nE:ID_SERIAL_SHORT=S123\nE:ID_WWN=eui.1\n',
  '/host/proc/net/dev': [
    'Inter-|   Receive                                                |  Transmit',
    ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
    '  eth0:1000      20    1    2    3     4          5         6    7000      80    9   10   11    12      13         14',
    '',
  ].join('\n'),
  '/host/sys/class/net/eth0/statistics/rx_nohandler': '17\n',
  '/host/sys/class/net/eth0/operstate': 'up\n',
  '/host/sys/class/net/eth0/address': '02:fc:00:00:00:01\n',
  '/host/sys/class/net/eth0/flags': '0x1003\n',
  '/host/sys/class/net/eth0/mtu': '1500\n',
  '/host/sys/class/net/eth0/speed': '1000\n',
  '/host/sys/class/net/eth0/duplex': '',
  '/host/proc/net/netstat': 'TcpExt: SyncookiesSent ListenDrops TCPHPHits\nTcpExt: 1 2 3\nIpExt: InOctets OutOctets\nIpExt: 44 55\n',
  '/host/proc/net/snmp': 'Ip: Forwarding DefaultTTL\nIp: 1 64\nTcp: RtoAlgorithm ActiveOpens MaxConn\nTcp: 1 7 -1\n',
  '/host/proc/net/sockstat': 'sockets: used 12\nTCP: inuse 4 orphan 0 tw 2 alloc 6 mem 3\n',
  '/host/proc/net/softnet_stat': '0000000a 00000001 00000002 0 0 0 0 0 0 0 0 0 00000003\n',
  '/host/proc/sys/kernel/ostype': 'Linux\n',
  '/host/proc/sys/kernel/osrelease': '6.1.0\n',
  '/host/proc/sys/kernel/version': '#1 SMP\n',
  '/host/proc/sys/kernel/hostname': 'web-1\n',
  '/host/proc/sys/kernel/domainname': '(none)\n',
  '/host/proc/sys/kernel/threads-max': '1000\n',
  '/host/proc/sys/kernel/pid_max': '4194304\n',
  '/host/proc/sys/kernel/random/entropy_avail': '256\n',
  '/host/proc/sys/net/netfilter/nf_conntrack_count': '5\n',
  '/host/proc/1/stat': '1 (init (x) y) S 0 1 1 0 -1 0 0 0 0 0 1 2 0 0 20 0 1 0 5 0 0\n',
  '/host/proc/1/mounts': '/dev/nvme0n1p1 / ext4 rw,relatime 0 0\nproc /proc proc rw 0 0\n',
  '/host/proc/22/stat': '22 (a) R 0 1 1 0 -1 0 0 0 0 0 1 2 0 0 20 0 3 0 5 0 0\n',
  '/host/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\nNAME=\'Debian\'\n',
  '/host/sys/devices/system/clocksource/clocksource0/available_clocksource': 'tsc hpet\n',
  '/host/sys/devices/system/clocksource/clocksource0/current_clocksource': 'tsc\n',
  '/host/sys/class/thermal/thermal_zone0/temp': '45500\n',
  '/host/sys/class/thermal/thermal_zone0/type': 'cpu\n',
};

const EXPECTED = `
node_boot_time_seconds 1700000000
node_context_switches_total 987654321
node_cpu_guest_seconds_total{cpu="0",mode="nice"} 0.01
node_cpu_guest_seconds_total{cpu="0",mode="user"} 0.2
node_cpu_guest_seconds_total{cpu="1",mode="nice"} 0
node_cpu_guest_seconds_total{cpu="1",mode="user"} 0
node_cpu_seconds_total{cpu="0",mode="idle"} 40
node_cpu_seconds_total{cpu="0",mode="iowait"} 0.5
node_cpu_seconds_total{cpu="0",mode="irq"} 0
node_cpu_seconds_total{cpu="0",mode="nice"} 0.02
node_cpu_seconds_total{cpu="0",mode="softirq"} 0.1
node_cpu_seconds_total{cpu="0",mode="steal"} 0.05
node_cpu_seconds_total{cpu="0",mode="system"} 0.9
node_cpu_seconds_total{cpu="0",mode="user"} 2.5
node_cpu_seconds_total{cpu="1",mode="idle"} 50
node_cpu_seconds_total{cpu="1",mode="iowait"} 0
node_cpu_seconds_total{cpu="1",mode="irq"} 0
node_cpu_seconds_total{cpu="1",mode="nice"} 0
node_cpu_seconds_total{cpu="1",mode="softirq"} 0
node_cpu_seconds_total{cpu="1",mode="steal"} 0
node_cpu_seconds_total{cpu="1",mode="system"} 0.1
node_cpu_seconds_total{cpu="1",mode="user"} 0.5
node_disk_discard_time_seconds_total{device="nvme0n1"} 0.009
node_disk_discarded_sectors_total{device="nvme0n1"} 400
node_disk_discards_completed_total{device="nvme0n1"} 5
node_disk_discards_merged_total{device="nvme0n1"} 1
node_disk_flush_requests_time_seconds_total{device="nvme0n1"} 0.002
node_disk_flush_requests_total{device="nvme0n1"} 3
node_disk_info{device="nvme0n1",major="259",minor="0",model="Fast Disk 1",serial="S123",wwn="eui.1"} 1
node_disk_info{device="sda",major="8",minor="0"} 1
node_disk_io_now{device="nvme0n1"} 1
node_disk_io_now{device="sda"} 9
node_disk_io_time_seconds_total{device="nvme0n1"} 0.7
node_disk_io_time_seconds_total{device="sda"} 0.01
node_disk_io_time_weighted_seconds_total{device="nvme0n1"} 0.783
node_disk_io_time_weighted_seconds_total{device="sda"} 0.011
node_disk_read_bytes_total{device="nvme0n1"} 1536000
node_disk_read_bytes_total{device="sda"} 1536
node_disk_read_time_seconds_total{device="nvme0n1"} 0.45
node_disk_read_time_seconds_total{device="sda"} 0.004
node_disk_reads_completed_total{device="nvme0n1"} 100
node_disk_reads_completed_total{device="sda"} 1
node_disk_reads_merged_total{device="nvme0n1"} 20
node_disk_reads_merged_total{device="sda"} 2
node_disk_write_time_seconds_total{device="nvme0n1"} 0.333
node_disk_write_time_seconds_total{device="sda"} 0.008
node_disk_writes_completed_total{device="nvme0n1"} 50
node_disk_writes_completed_total{device="sda"} 5
node_disk_writes_merged_total{device="nvme0n1"} 10
node_disk_writes_merged_total{device="sda"} 6
node_disk_written_bytes_total{device="nvme0n1"} 1024000
node_disk_written_bytes_total{device="sda"} 3584
node_entropy_available_bits 256
node_filefd_allocated 2112
node_filefd_maximum 9223372036854776000
node_filesystem_avail_bytes{device="/dev/nvme0n1p1",fstype="ext4",mountpoint="/"} 30
node_filesystem_device_error{device="/dev/nvme0n1p1",fstype="ext4",mountpoint="/"} 0
node_filesystem_files_free{device="/dev/nvme0n1p1",fstype="ext4",mountpoint="/"} 5
node_filesystem_files{device="/dev/nvme0n1p1",fstype="ext4",mountpoint="/"} 10
node_filesystem_free_bytes{device="/dev/nvme0n1p1",fstype="ext4",mountpoint="/"} 40
node_filesystem_readonly{device="/dev/nvme0n1p1",fstype="ext4",mountpoint="/"} 0
node_filesystem_size_bytes{device="/dev/nvme0n1p1",fstype="ext4",mountpoint="/"} 100
node_forks_total 4321
node_intr_total 123456
node_load1 0.52
node_load15 1.33
node_load5 0.41
node_memory_Active_anon_bytes 1048576
node_memory_DirectMap4k_bytes 102400
node_memory_HugePages_Total 3
node_memory_MemTotal_bytes 16384000000
node_netstat_IpExt_InOctets 44
node_netstat_IpExt_OutOctets 55
node_netstat_Ip_Forwarding 1
node_netstat_TcpExt_ListenDrops 2
node_netstat_TcpExt_SyncookiesSent 1
node_netstat_Tcp_ActiveOpens 7
node_network_flags{device="eth0"} 4099
node_network_info{address="02:fc:00:00:00:01",device="eth0",operstate="up"} 1
node_network_mtu_bytes{device="eth0"} 1500
node_network_receive_bytes_total{device="eth0"} 1000
node_network_receive_compressed_total{device="eth0"} 5
node_network_receive_drop_total{device="eth0"} 2
node_network_receive_errs_total{device="eth0"} 1
node_network_receive_fifo_total{device="eth0"} 3
node_network_receive_frame_total{device="eth0"} 4
node_network_receive_multicast_total{device="eth0"} 6
node_network_receive_nohandler_total{device="eth0"} 17
node_network_receive_packets_total{device="eth0"} 20
node_network_speed_bytes{device="eth0"} 125000000
node_network_transmit_bytes_total{device="eth0"} 7000
node_network_transmit_carrier_total{device="eth0"} 13
node_network_transmit_colls_total{device="eth0"} 12
node_network_transmit_compressed_total{device="eth0"} 14
node_network_transmit_drop_total{device="eth0"} 10
node_network_transmit_errs_total{device="eth0"} 9
node_network_transmit_fifo_total{device="eth0"} 11
node_network_transmit_packets_total{device="eth0"} 80
node_network_up{device="eth0"} 1
node_nf_conntrack_entries 5
node_os_info{id="debian",name="Debian",pretty_name="Debian GNU/Linux 12 (bookworm)",version_id="12"} 1
node_os_version{id="debian",name="Debian"} 12
node_pressure_cpu_waiting_seconds_total 2.5
node_pressure_io_stalled_seconds_total 0.5
node_pressure_io_waiting_seconds_total 1
node_processes_max_processes 4194304
node_processes_max_threads 1000
node_processes_pids 2
node_processes_state{state="R"} 1
node_processes_state{state="S"} 1
node_processes_threads 4
node_procs_blocked 1
node_procs_running 2
node_sockstat_TCP_alloc 6
node_sockstat_TCP_inuse 4
node_sockstat_TCP_mem 3
node_sockstat_TCP_mem_bytes 12288
node_sockstat_TCP_orphan 0
node_sockstat_TCP_tw 2
node_sockstat_sockets_used 12
node_softnet_dropped_total{cpu="3"} 1
node_softnet_processed_total{cpu="3"} 10
node_softnet_times_squeezed_total{cpu="3"} 2
node_thermal_zone_temp{type="cpu",zone="0"} 45.5
node_time_clocksource_available_info{clocksource="hpet",device="0"} 1
node_time_clocksource_available_info{clocksource="tsc",device="0"} 1
node_time_clocksource_current_info{clocksource="tsc",device="0"} 1
node_time_seconds 1700000100.5
node_uname_info{domainname="(none)",machine="",nodename="web-1",release="6.1.0",sysname="Linux",version="#1 SMP"} 1
node_vmstat_oom_kill 1
node_vmstat_pgfault 12
node_vmstat_pgmajfault 13
node_vmstat_pgpgin 10
node_vmstat_pswpout 11
`;

function printed({ labels, value }: Metric): string {
  const known = Object.entries(labels).filter(([, text]) => text !== '');
  return `${formatLabels(Object.fromEntries(known)).replace(/machine="[^"]*"/, 'machine=""')} ${value}`;
}

function sources(machine: Readonly<Record<string, string>>): Sources {
  const files = openMemoryFiles(machine);
  files.spaces.set('/host/', { sizeBytes: 100, freeBytes: 40, availableBytes: 30, files: 10, filesFree: 5 });
  return { files, clock: openManualClock(1_700_000_100_500), proc: '/host/proc', sys: '/host/sys', root: '/host' };
}

test('a whole machine, under the names and units of node_exporter', async () => {
  const from = sources(MACHINE);
  const metrics: Metric[] = [];
  for (const collector of linuxCollectors()) metrics.push(...(await collector.collect(from)));
  assert.deepEqual(metrics.map(printed).sort(), EXPECTED.trim().split('\n').sort());
});

test('a machine that lacks a file of every machine fails that collector only; what is optional is just absent', async () => {
  const failing: string[] = [];
  for (const collector of linuxCollectors()) {
    await collector.collect(sources({ '/host/proc/1/comm': 'x' })).catch(() => failing.push(collector.name));
  }
  const needed = [
    'cpu',
    'diskstats',
    'filefd',
    'filesystem',
    'loadavg',
    'meminfo',
    'netclass',
    'netdev',
    'netstat',
    'sockstat',
    'softnet',
    'stat',
    'vmstat',
  ];
  assert.deepEqual(failing, needed);
});

test('nonsense in a file is a failure or nothing, never an endless loop or a wrong name', async () => {
  for (const nonsense of ['', '\n\n', 'a', ':', 'a: b c\nd', '\0\0\0', 'cpu0 \n', '{}'.repeat(1_000)]) {
    const machine = Object.fromEntries(Object.keys(MACHINE).map((path) => [path, nonsense]));
    for (const collector of linuxCollectors()) {
      const metrics = await collector.collect(sources(machine)).catch(() => []);
      for (const { labels } of metrics) assert.match(labels['__name__'] ?? '', /^node_\w+$/);
    }
  }
});
