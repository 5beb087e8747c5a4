import type { Message } from '../../core/notify/group.ts';
import type { Page } from '../../core/change/change.ts';
import { millisColumn, optionalMillisColumn, parseJson } from './column.ts';
import { boundLimit, pageOf, parseCursor } from './cursor.ts';
import { type Dialect, step, type Step } from './dialect.ts';
import { type Columns, keep, type Keeper, type Noun } from './noun.ts';
import type { MessageTable } from './schema.ts';

export interface MessageReads {
  findMessages(filter: {
    readonly alert?: string | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<Message>>;
}

export function messageReads(dialect: Dialect): MessageReads {
  const { build } = dialect;
  return {
    findMessages: async ({ alert, limit, cursor }) => {
      const after = parseCursor(cursor);
      if (after === null) return { items: [], next: null };
      const length = boundLimit(limit);
      const rows =
        alert === undefined
          ? await dialect.rows(
              build
                .selectFrom('message')
                .selectAll()
                .where((e) => e(e.refTuple('created_at', 'id'), '<', e.tuple(after.at, after.id)))
                .orderBy('created_at', 'desc')
                .orderBy('id', 'desc')
                .limit(length + 1),
            )
          : await dialect.rows(
              build
                .selectFrom('message_alert')
                .innerJoin('message', 'message.id', 'message_alert.message')
                .selectAll('message')
                .where('message_alert.alert', '=', alert)
                .where((e) => e(e.refTuple('message_alert.created_at', 'message_alert.message'), '<', e.tuple(after.at, after.id)))
                .orderBy('message_alert.created_at', 'desc')
                .orderBy('message_alert.message', 'desc')
                .limit(length + 1),
            );
      return pageOf(rows.map(decodeMessage), length, (message) => ({ at: message.createdAt, id: message.id }));
    },
  };
}

export function keepMessages(dialect: Dialect): Keeper<'message'> {
  return keep(dialect, messageNoun(dialect));
}

function messageNoun({ build }: Dialect): Noun<'message'> {
  const insert = step(build.insertInto('message_alert').values({ alert: '', created_at: 0, message: '' })).sql;
  const remove = step(build.deleteFrom('message_alert').where('alert', '=', '').where('created_at', '=', 0).where('message', '=', '')).sql;
  const rows = (statement: string, message: Message): Step[] =>
    [...new Set(message.alerts)].map((alert) => ({ sql: statement, parameters: [alert, message.createdAt, message.id] }));
  return {
    table: 'message',
    encode: encodeMessage,
    decodeAll: async (found) => found.map(decodeMessage),
    links: (before, after) => {
      if (before !== null && after !== null && sameAlerts(before, after)) return [];
      return [...(before === null ? [] : rows(remove, before)), ...(after === null ? [] : rows(insert, after))];
    },
    // The text of a message can be a megabyte, and each attempt to send it is an update.
    unchanged: (before, after) => (before.body === after.body && before.alerts === after.alerts ? ['body', 'alerts'] : []),
  };
}

function sameAlerts(a: Message, b: Message): boolean {
  if (a.createdAt !== b.createdAt) return false;
  return a.alerts === b.alerts || JSON.stringify(a.alerts) === JSON.stringify(b.alerts);
}

function encodeMessage(message: Message): Columns<'message'> {
  return {
    id: message.id,
    channel: message.channel,
    group_id: message.group,
    reason: message.reason,
    status: message.status,
    alerts: JSON.stringify(message.alerts),
    body: JSON.stringify(message.body),
    state: message.state,
    attempts: message.attempts,
    created_at: millisColumn(message.createdAt),
    sent_at: optionalMillisColumn(message.sentAt),
    lease_until: optionalMillisColumn(message.leaseUntil),
    error: message.error,
  };
}

function decodeMessage(row: MessageTable): Message {
  return {
    id: row.id,
    channel: row.channel,
    group: row.group_id,
    reason: row.reason,
    status: row.status,
    alerts: parseJson(row.alerts),
    body: parseJson(row.body),
    state: row.state,
    attempts: row.attempts,
    createdAt: row.created_at,
    sentAt: row.sent_at,
    leaseUntil: row.lease_until,
    error: row.error,
  };
}
