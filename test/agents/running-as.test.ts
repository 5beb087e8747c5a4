// Commands as another user of the host: as root for real, else that it is refused.
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, test } from 'node:test';
import { hashText } from '../../src/core/base/hash.ts';
import { sha256 } from '../../src/core/base/sha256.ts';
import { type HostUser, switchArgv } from '../../src/io/users.ts';
import { systemExec } from '../../src/io/exec.ts';
import { obeyHere, order, type RunOrder, temporaryFolder } from './agent-side.ts';
import { startServerSide } from './server-side.ts';

const isRoot = process.platform === 'linux' && process.getuid?.() === 0;
const nobody = await systemExec.findUser('nobody');
const PASSAGE = '/run/tocsin-agent';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function both(allowedUsers: readonly string[]) {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  const server = await startServerSide();
  closing.push(() => server.close());
  const agent = obeyHere(server.url, folder.path, { allowedUsers });
  closing.push(() => agent.end());
  const { remembered } = server;
  await remembered.until('connected', () => remembered.hellos.length > 0);
  const execute = async (run: string, argv: readonly string[], more: Partial<RunOrder>) => {
    await server.hub.deliver('box', order(run, argv, more));
    await remembered.until('its end', () => remembered.of(run, 'finished').length > 0);
    const [end] = remembered.of(run, 'finished');
    return { end, how: end?.how, text: remembered.text(run, 'stdout'), notes: remembered.text(run, 'note') };
  };
  return { folder: folder.path, execute };
}

const shell = (code: string): readonly string[] => ['/bin/sh', '-c', code];

/** In the passage, of the agent on this folder. */
const leftIn = (folder: string): readonly string[] =>
  existsSync(PASSAGE) ? readdirSync(PASSAGE).filter((name) => name.startsWith(hashText(folder))) : [];

test('what the configuration of the agent does not allow is refused', async () => {
  const { execute } = await both(['daemon']);
  const { how, end, text } = await execute('r1', ['/usr/bin/id'], { runAs: 'nobody' });
  assert.deepEqual([how, text], ['refused', '']);
  assert.match(end?.message ?? '', /configuration of this agent does not allow to run as nobody/);
});

test('its own user needs no leave and no root', async () => {
  const { execute } = await both([]);
  const { how, text } = await execute('r1', shell('id -un; echo "$USER $LOGNAME"'), { runAs: systemExec.ownUser() });
  const me = systemExec.ownUser();
  assert.deepEqual([how, text], ['exit', `${me}\n${me} ${me}\n`]);
});

test('without root another user is refused', { skip: isRoot && 'the tests run as root' }, async () => {
  const { execute } = await both(['nobody']);
  const { how, end } = await execute('r1', ['/usr/bin/id'], { runAs: 'nobody' });
  assert.equal(how, 'refused');
  assert.match(end?.message ?? '', /cannot run as nobody: .*(only root may|on Linux only)/);
});

const asRoot = { skip: !isRoot && 'only root can take the rights of another user' };

test('a command has the user, the groups and the variables of that user, and no power of root', asRoot, async () => {
  assert.ok('user' in nobody);
  const { execute } = await both(['nobody']);
  const code = 'id -u; id -G; echo "$HOME $USER $LOGNAME $PWD"; grep -c "^CapEff:.0*$" /proc/self/status; echo late > /dev/stderr';
  const { how, end, text } = await execute('r1', shell(code), { runAs: 'nobody' });
  const { uid, gid, home } = nobody.user;
  assert.deepEqual([how, end?.exitCode, text], ['exit', 0, `${uid}\n${gid}\n${home} nobody nobody /\n1\n`]);
});

test('a command of another user is ended with all that it started', asRoot, async () => {
  const { execute } = await both(['nobody']);
  const { how, end } = await execute('r1', shell("trap '' TERM; setsid sleep 60 & sleep 60"), { runAs: 'nobody', timeout: 300 });
  assert.equal(how, 'timeout');
  assert.doesNotMatch(end?.message ?? '', /does not end/);
});

test('further groups of a user are given to its processes', asRoot, async () => {
  assert.ok('user' in nobody);
  const { uid, gid } = nobody.user;
  const user: HostUser = { ...nobody.user, groups: [gid, 1, 2] };
  assert.equal(switchArgv(user)[0], 'setpriv');
  let text = '';
  const argv = shell('id -u; id -g; id -G; grep -c "^CapEff:.0*$" /proc/self/status; echo open > /dev/stdout');
  const outcome = await systemExec.start({ argv, env: {}, cwd: '/', user }, { output: (_, bytes) => (text += bytes.toString()) });
  assert.ok(outcome.kind === 'started');
  await outcome.process.ended;
  assert.equal(text, `${uid}\n${gid}\n${gid} 1 2\n1\nopen\n`);
});

test('an unknown user is a refusal', asRoot, async () => {
  const { execute } = await both(['no-such-user']);
  const { how, end } = await execute('r1', ['/usr/bin/id'], { runAs: 'no-such-user' });
  assert.equal(how, 'refused');
  assert.match(end?.message ?? '', /there is no user no-such-user on this host/);
});

test('a script can be read by its user and by nobody else, and is gone afterwards', asRoot, async () => {
  assert.ok('user' in nobody);
  const { execute, folder } = await both(['nobody', 'daemon']);
  const content = `id -u\nstat -c '%a %u' "$0"\nls ${PASSAGE} 2>/dev/null || echo closed\nprintf '%s' "$1"\n`;
  const script = { at: 2, content, sha256: sha256(content) };
  const { how, end, text } = await execute('r1', ['/bin/sh', '-e', 'x@sha256:0', '$(reboot)'], { runAs: 'nobody', script });
  const { uid } = nobody.user;
  assert.deepEqual([how, end?.exitCode, text], ['exit', 0, `${uid}\n400 ${uid}\nclosed\n$(reboot)`]);
  assert.equal(statSync(PASSAGE).mode & 0o777, 0o711);
  assert.deepEqual(leftIn(folder), []);
});

test('a script that a killed agent has left is removed by the next one', asRoot, async () => {
  const folder = temporaryFolder();
  closing.push(() => folder.remove());
  mkdirSync(PASSAGE, { recursive: true, mode: 0o711 });
  writeFileSync(join(PASSAGE, `${hashText(folder.path)}-r9.script`), 'echo left');
  const stranger = join(PASSAGE, 'somebody-elses.script');
  writeFileSync(stranger, '');
  closing.push(() => rmSync(stranger));
  const server = await startServerSide();
  closing.push(() => server.close());
  const agent = obeyHere(server.url, folder.path);
  closing.push(() => agent.end());
  await server.remembered.until('connected', () => server.remembered.hellos.length > 0);
  assert.deepEqual([leftIn(folder.path), existsSync(stranger)], [[], true]);
});

test('files are collected with the rights of that user: a link of its own leads it nowhere', asRoot, async () => {
  assert.ok('user' in nobody);
  const { execute, folder } = await both(['nobody']);
  const shared = temporaryFolder();
  closing.push(() => shared.remove());
  chmodSync(shared.path, 0o755);
  const secret = join(folder, 'secret.log');
  writeFileSync(secret, 'of root\n', { mode: 0o600 });
  const [log, link] = [join(shared.path, 'a.log'), join(shared.path, 'b.log')];
  writeFileSync(log, 'first\nsecond\n');
  symlinkSync(secret, link);
  const { notes } = await execute('r1', ['/bin/true'], { runAs: 'nobody', collect: [log, link] });
  assert.equal(notes, `\n--- ${log} (13 bytes)\nfirst\nsecond\n\n--- ${link} (not collected: nobody cannot read it)\n`);
});
