#!/usr/bin/env node
import { runProgram } from './runtime.js';

await runProgram(process.argv.slice(2));
