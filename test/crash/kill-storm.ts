import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Program } from '../e2e/program.ts';
import { openHook } from '../e2e/receivers.ts';
import { calm, holdTo, toldOf } from './aftermath.ts';
import { seeded } from './seeded.ts';
import { stormConfig } from './storm-config.ts';
import { Promised, rage } from './storm.ts';

/** Kills the program so often in a storm, then holds it to what it promised. Prints the figures. */
export async function killStorm(kills: number, seed: number): Promise<void> {
  console.log(`seed ${seed}, ${kills} kills (TOCSIN_SEED and TOCSIN_KILLS choose others)`);
  const chance = seeded(seed);
  // Every seventh message is refused at first, and has to come again.
  const hook = await openHook((attempt) => (attempt % 7 === 3 ? 503 : 200));
  const program = new Program({ config: {}, keepsPort: true });
  const ledger = join(program.root, 'ledger');
  program.configure(stormConfig({ hookUrl: hook.url, ledger }));
  try {
    await program.start();
    const alice = await program.token('alice', 'admin');
    const bob = await program.token('bob', 'operator');
    await program.agentIsHere();

    const promised = new Promised();
    let over = false;
    const wasTold = (number: string): boolean => toldOf(hook.got, 'firing').has(`Foreign ${number}`);
    const storm = rage({ promised, chance, alice: () => alice, bob: () => bob, isOver: () => over, wasTold });
    for (let kill = 0; kill < kills; kill += 1) {
      await pause(chance() * 900);
      await program.kill();
      // Now and then it is also ended politely in between, which lets its agent end.
      if (chance() < 0.15) {
        await program.start();
        await program.stop();
      }
      await program.launch();
      // Every fifth start is killed before or just when it is done.
      if (chance() < 0.8) await program.listening();
    }
    await program.kill();
    await program.start();
    await pause(500);
    over = true;
    await storm;
    await calm(alice, { bob, promised, got: hook.got });
    await holdTo(alice, { promised, got: hook.got, ledger, kills });
  } finally {
    await program.close();
    await hook.close();
  }
}
