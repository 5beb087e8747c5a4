import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import openapiTS, { astToString, COMMENT_HEADER } from 'openapi-typescript';
import { endpoints } from '../../../src/contract/api/endpoints.ts';
import { openApiDocument } from '../../../src/server/openapi.ts';

test('the types of the client are those of the API (else: npm run web:types)', async () => {
  const document = JSON.stringify(openApiDocument(endpoints, '0'));
  const types = COMMENT_HEADER + astToString(await openapiTS(document));
  const kept = readFileSync(new URL('schema.d.ts', import.meta.url), 'utf8');
  assert.ok(types.trim() === kept.trim(), 'web/src/data/schema.d.ts is not what npm run web:types makes');
});
