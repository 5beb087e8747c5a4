// Loaded before every test file: with TOCSIN_SEED set, all random tests play the same game.
import fc from 'fast-check';

const seed = Number(process.env['TOCSIN_SEED'] ?? '');
if (process.env['TOCSIN_SEED'] !== undefined && Number.isInteger(seed)) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
