/** How a command ends: its exit code, and one clear line for an error that is known. */
import { CommanderError } from "commander";
import { DataError } from "../data/error.ts";
import { DeviceError } from "../device/device.ts";
import { DeclarationError } from "../experiment/declaration_error.ts";
import { HostError } from "../experiment/host_interface.ts";
import { ShapeError } from "../ops/op.ts";
import { OutOfDateError } from "../reproduce/out_of_date.ts";
import { CheckpointError } from "../train/checkpoint.ts";
import { printable } from "./screen.ts";

/** Exit codes of every command. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  data: 3,
  device: 4,
  files: 5,
  otherBits: 6,
  otherBitsSameFindings: 7,
  outOfDate: 8,
  notHeld: 9,
  stopped: 130,
} as const;

/** What the exit codes mean, for `--help`. */
export const EXIT_HELP = `Exit codes:
  0    done, whatever the verdicts
  1    a failure that should not happen; please report it
  2    wrong usage, or a declaration that is wrong
  3    data missing or damaged
  4    the device cannot do it
  5    a file or folder cannot be read or written
  6    other bits than those compared with: the WGSL kernels', a lock's, another device's
  7    other bits than the lock's, but metrics and verdicts as its seeds let expect (tier B)
  8    the lock is out of date: other configurations or data are declared now
  9    a claim came out otherwise on fresh seeds
  130  stopped by Ctrl-C; the run can be resumed`;

const KNOWN: readonly (readonly [new (...args: never[]) => Error, number])[] = [
  [DeclarationError, EXIT.usage],
  [ShapeError, EXIT.usage],
  [DataError, EXIT.data],
  [DeviceError, EXIT.device],
  [HostError, EXIT.files],
  [CheckpointError, EXIT.files],
  [OutOfDateError, EXIT.outOfDate],
];

/** Runs a command, ends the process with its exit code, and prints what went wrong on stderr. */
export async function runCommand(command: () => Promise<number>): Promise<void> {
  try {
    Deno.exitCode = await command();
  } catch (error) {
    Deno.exitCode = report(error);
  }
}

function report(error: unknown): number {
  // Its text is on the terminal already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const known = KNOWN.find(([type]) => error instanceof type);
  if (!known) {
    console.error(error);
    return EXIT.failed;
  }
  console.error(`error: ${printable(oneLine((error as Error).message))}`);
  return known[1];
}

/** Several issues of one error on one line. */
export function oneLine(text: string): string {
  return text.trim().replace(/\s*\n\s*/g, "; ");
}
