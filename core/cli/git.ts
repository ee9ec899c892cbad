/** What git says of the tree that a lock is made from: the one place where a task runs a program. */
import { DeclarationError } from "../experiment/declaration_error.ts";
import type { Tree } from "../reproduce/lockable.ts";

/**
 * The tree that the folder of the experiments stands in: its commit, and what is not as committed
 * there. What is locked already does not count, so that several experiments can be locked one after
 * the other.
 *
 * @throws {DeclarationError} when there is no git, no repository, or no commit in it.
 */
export async function readTree(experiments: string): Promise<Tree> {
  const prefix = await git(
    experiments,
    ["rev-parse", "--show-prefix"],
    "--lock notes the commit, so the experiments must stand in a git repository",
  );
  const commit = await git(
    experiments,
    ["rev-parse", "--verify", "HEAD"],
    "--lock notes the commit, and there is none yet; make one (git add --all; git commit)",
  );
  const changed = await git(
    experiments,
    ["status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames"],
    "git cannot tell what has changed",
  );
  const locked = new RegExp(`^${RegExp.escape(prefix.trimEnd())}[^/]+/locked/`);
  return {
    commit: commit.trim(),
    // Two letters and a space stand before each path.
    changed: changed.split("\0").map((entry) => entry.slice(3))
      .filter((path) => path !== "" && !locked.test(path)),
  };
}

async function git(folder: string, args: readonly string[], needed: string): Promise<string> {
  const { success, stdout, stderr } = await start(folder, args);
  const decoder = new TextDecoder();
  if (success) return decoder.decode(stdout);
  const [said] = decoder.decode(stderr).trim().split("\n");
  throw new DeclarationError(`${needed}; git said: ${said}`);
}

async function start(folder: string, args: readonly string[]): Promise<Deno.CommandOutput> {
  try {
    return await new Deno.Command("git", {
      args: ["--no-pager", "--no-optional-locks", "-C", folder, ...args],
      // Deno starts nobody who is handed an LD_LIBRARY_PATH.
      env: { LD_LIBRARY_PATH: "" },
      stdin: "null",
    }).output();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new DeclarationError(
      "--lock asks git whether the tree is as committed, and there is no git here; install it " +
        "(apt-get install git)",
    );
  }
}
