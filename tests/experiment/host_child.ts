/** What host_test.ts runs in a process of its own, with the permissions that the tasks give. */
import { denoHost } from "../../core/experiment/host.ts";
import { HostError } from "../../core/experiment/host_interface.ts";

const acts: Readonly<Record<string, () => Promise<unknown>>> = {
  async everything() {
    await denoHost.createFolder("runs/mlp/one");
    const unlock = await denoHost.lockFolder("runs/mlp/one");
    await denoHost.writeAtomic("runs/mlp/one/cell.json", "{}");
    await denoHost.appendText("runs/mlp/one/metrics.csv", "step,loss\n");
    await denoHost.truncateTo("runs/mlp/one/metrics.csv", 4);
    unlock();
    await denoHost.createFolder("site");
    await denoHost.writeAtomic("site/index.html", "<!doctype html>");
    return {
      run: await denoHost.list("runs/mlp/one"),
      site: await denoHost.list("site"),
      metrics: await denoHost.readText("runs/mlp/one/metrics.csv"),
      size: await denoHost.files.size("runs/mlp/one/cell.json"),
      cpu: denoHost.cpuModel(),
    };
  },
  async outside() {
    return await message(denoHost.writeAtomic("elsewhere/cell.json", "{}"));
  },
  async hold() {
    await denoHost.lockFolder("runs");
    console.log("held");
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  },
  async rewrite() {
    const contents = ["a", "b"].map((letter) => letter.repeat(1_000_000));
    for (let i = 0;; i++) {
      await denoHost.writeAtomic("runs/file", contents[i % 2]!);
      if (i === 0) console.log("written");
    }
  },
  async adapter() {
    try {
      const device = await denoHost.openWebGpuQuietly();
      device.close();
      return device.info.name;
    } catch (error) {
      return (error as Error).name;
    }
  },
  cpu: () => Promise.resolve(denoHost.cpuModel()),
};

async function message(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof HostError) return error.message;
    throw error;
  }
  return "no error";
}

const answer = await acts[Deno.args[0]!]!();
console.log(JSON.stringify(answer));
