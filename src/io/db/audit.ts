import type { Selectable } from 'kysely';
import type { AuditEntry, Change, Page } from '../../core/change/change.ts';
import { millisColumn, parseJson } from './column.ts';
import { boundLimit, pageOf, parseCursor } from './cursor.ts';
import { type Dialect, KEPT_ID, step, type Step } from './dialect.ts';
import type { AuditTable } from './schema.ts';

/** Who did what, when and why. */
export type Note = Pick<Change, 'at' | 'who' | 'why' | 'about'>;

export interface Audit {
  note(note: Note): readonly Step[];
  findAudit(filter: {
    readonly about?: string | undefined;
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<AuditEntry>>;
}

export function auditLog(dialect: Dialect): Audit {
  const { build } = dialect;
  const line = step(build.insertInto('audit').values(EXAMPLE)).sql;
  const link = step(build.insertInto('audit_about').values({ about: '', audit: 0 })).sql;
  return {
    note: ({ at, who, why, about }) => {
      const parameters = [millisColumn(at), who.kind, who.name, why, JSON.stringify(about)];
      const links = [...new Set(about)].map((one): Step => ({ sql: link, parameters: [one, KEPT_ID] }));
      return [{ sql: line, parameters, keepsId: true }, ...links];
    },
    findAudit: async ({ about, limit, cursor }) => {
      const after = parseCursor(cursor);
      if (after === null) return { items: [], next: null };
      const length = boundLimit(limit);
      const rows =
        about === undefined
          ? await dialect.rows(
              build
                .selectFrom('audit')
                .selectAll()
                .where('id', '<', after.at)
                .orderBy('id', 'desc')
                .limit(length + 1),
            )
          : await dialect.rows(
              build
                .selectFrom('audit_about')
                .innerJoin('audit', 'audit.id', 'audit_about.audit')
                .selectAll('audit')
                .where('audit_about.about', '=', about)
                .where('audit_about.audit', '<', after.at)
                .orderBy('audit_about.audit', 'desc')
                .limit(length + 1),
            );
      return pageOf(rows.map(decodeEntry), length, (entry) => ({ at: entry.id, id: '' }));
    },
  };
}

const EXAMPLE = { at: 0, who_kind: 'system', who_name: '', why: '', about: '' } as const;

function decodeEntry(row: Selectable<AuditTable>): AuditEntry {
  return { id: row.id, at: row.at, who: { kind: row.who_kind, name: row.who_name }, why: row.why, about: parseJson(row.about) };
}
