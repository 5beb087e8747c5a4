// Appends output as fast as it can and says which length was answered; meant to be killed.
import { openOutputs } from '../../src/io/outputs.ts';

const outputs = await openOutputs(process.argv[2] ?? '');

async function one(run: string): Promise<void> {
  for (let offset = await outputs.length(run); ; ) {
    const bytes = Buffer.from(Array.from({ length: 500 + (offset % 977) }, (_, index) => (offset + index) % 251));
    offset = await outputs.append(run, { offset, at: offset, stream: 'stdout', bytes });
    process.stdout.write(`${run} ${offset} done\n`);
    if (offset % 7 === 0) await outputs.finish(run);
  }
}

await Promise.all(['r1', 'r2', 'r3'].map((run) => one(run)));
