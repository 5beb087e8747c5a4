import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from 'node:fs';
import type { HeadRules } from '../../core/series/head.ts';
import {
  decodeFrame,
  decodeSegmentHeader,
  type JournalRecord,
  nextFrame,
  RECORD_LIMIT_BYTES,
  SEGMENT_HEADER_BYTES,
} from './journal-record.ts';

/** What reading a journal came upon. */
export interface ReplayReport {
  records: number;
  /** Segments whose end was cut off: the process died while writing, nothing that was answered is lost. */
  torn: number;
  /** Places where bytes are not what was written: what is between two whole records is lost. */
  corrupt: number;
  corruptBytes: number;
}

/** Takes one record of a segment that was written under the rules. The bytes of the record are true until it returns. */
export type Replayed = (record: JournalRecord, rules: HeadRules) => void;

const WINDOW_BYTES = 1 << 20;

/** Reads one segment through a window of bounded size, and gives every whole record. A torn end is cut off. */
export function replaySegment(path: string, take: Replayed, report: ReplayReport): void {
  const fd = openSync(path, 'r+');
  try {
    const size = fstatSync(fd).size;
    const head = readAt(fd, 0, Math.min(size, SEGMENT_HEADER_BYTES));
    const rules = decodeSegmentHeader(head);
    if (rules === null) {
      if (size <= SEGMENT_HEADER_BYTES) report.torn += 1;
      else corrupt(report, size);
      return;
    }
    const torn = replayRecords({ fd, size, rules, take, report });
    if (torn >= 0) {
      report.torn += 1;
      ftruncateSync(fd, torn);
    }
  } finally {
    closeSync(fd);
  }
}

interface Segment {
  readonly fd: number;
  readonly size: number;
  readonly rules: HeadRules;
  readonly take: Replayed;
  readonly report: ReplayReport;
}

/** Where the torn end begins, or -1. */
function replayRecords({ fd, size, rules, take, report }: Segment): number {
  let at = SEGMENT_HEADER_BYTES;
  let room: Buffer = Buffer.alloc(0);
  let window = room;
  let start = at;
  let reach = WINDOW_BYTES;
  while (at < size) {
    const framed = decodeFrame(window, at - start);
    if (typeof framed === 'object') {
      take(framed.record, rules);
      report.records += 1;
      at += framed.size;
      reach = WINDOW_BYTES;
      continue;
    }
    const isLast = start + window.length >= size;
    if (framed === 'short' && !isLast && reach <= RECORD_LIMIT_BYTES * 2) {
      reach = window.length === 0 || at > start ? reach : reach * 2;
      start = at;
      if (room.length < reach) room = Buffer.allocUnsafe(reach);
      window = readInto(room, fd, at, Math.min(size - at, reach));
      continue;
    }
    const next = findNext(fd, size, at);
    if (next < 0) {
      // Zeros, or the beginning of a record, are what a write leaves that was not finished; other bytes were damaged.
      if (framed === 'short' || isZero(window, at - start)) return at;
      corrupt(report, size - at);
      return -1;
    }
    corrupt(report, next - at);
    at = next;
    start = at;
    window = Buffer.alloc(0);
  }
  return -1;
}

/** The next whole record after a damaged place, or -1. */
function findNext(fd: number, size: number, from: number): number {
  let start = from;
  while (start < size) {
    const window = readAt(fd, start, Math.min(size - start, WINDOW_BYTES));
    for (let at = nextFrame(window, start === from ? 0 : -1); at >= 0; at = nextFrame(window, at)) {
      const place = start + at;
      let framed = decodeFrame(window, at);
      if (framed === 'short') framed = decodeFrame(readAt(fd, place, Math.min(size - place, RECORD_LIMIT_BYTES + 1024)), 0);
      if (typeof framed === 'object') return place;
    }
    start += Math.max(1, window.length - 3);
    if (window.length < WINDOW_BYTES) return -1;
  }
  return -1;
}

function isZero(window: Buffer, from: number): boolean {
  for (let i = from; i < window.length; i += 1) if (window[i] !== 0) return false;
  return true;
}

function corrupt(report: ReplayReport, bytes: number): void {
  report.corrupt += 1;
  report.corruptBytes += bytes;
}

function readAt(fd: number, at: number, bytes: number): Buffer {
  return readInto(Buffer.allocUnsafe(bytes), fd, at, bytes);
}

function readInto(room: Buffer, fd: number, at: number, bytes: number): Buffer {
  let done = 0;
  while (done < bytes) {
    const got = readSync(fd, room, done, bytes - done, at + done);
    if (got === 0) break;
    done += got;
  }
  return room.subarray(0, done);
}
