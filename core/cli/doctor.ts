/** `deno task doctor`: what this machine runs experiments on, and what would be faster. */
import { DeviceError } from "../device/device.ts";
import type { WebGpuDevice } from "../device/webgpu.ts";
import { chooseDevice } from "../experiment/device_choice.ts";
import { formatBytes } from "../experiment/records/format.ts";
import { denoHost } from "../experiment/host.ts";
import { EXIT, EXIT_HELP, runCommand } from "./fail.ts";
import { parser } from "./parser.ts";
import { openScreen } from "./screen.ts";
import { table } from "./table.ts";

/** Where Linux keeps the list of its Vulkan drivers. */
const DRIVER_FOLDERS = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/** How a product is written so that it is rounded by itself. */
const SPELLINGS = {
  plain: "plain: a product is rounded by itself as it stands",
  fused: "fused: a product is written as fma(a, b, -0)",
  barrier: "barrier: a product passes through integer bits",
  none: "NONE HOLDS: results here are adapter-specific and are never compared",
} as const;

/** The command. */
export async function main(args: readonly string[]): Promise<number> {
  parser("doctor", "Shows what this machine runs experiments on, and what would be faster.")
    .usage("")
    .addHelpText("after", `\n${EXIT_HELP}`)
    .parse([...args], { from: "user" });
  const screen = openScreen("stdout");
  const adapter = await openAdapter();
  const found = typeof adapter === "string" ? undefined : adapter;
  const drivers = await vulkanDrivers();
  const rows = [
    ["deno", `${denoHost.denoVersion()} on ${Deno.build.os} ${Deno.build.arch}`],
    ["processor", `${denoHost.cpuModel()}, ${navigator.hardwareConcurrency} threads`],
    ["adapter", found ? describeAdapter(found) : `none: ${adapter}`],
    ...(Deno.build.os === "linux" ? [["drivers", drivers.join(", ") || "no Vulkan driver"]] : []),
    ...(found ? findings(found) : []),
    ["auto takes", await choice()],
    ...advice(found).map((text, i) => [i === 0 ? "faster" : "", text]),
  ];
  screen.print(...table(rows, screen.columns, 0));
  found?.close();
  return EXIT.done;
}

/** The adapter, or why there is none. */
async function openAdapter(): Promise<WebGpuDevice | string> {
  try {
    return await denoHost.openWebGpuQuietly();
  } catch (error) {
    if (error instanceof DeviceError) return error.message;
    throw error;
  }
}

function describeAdapter({ info }: WebGpuDevice): string {
  return `${info.name} (${info.class === "software" ? "software, no GPU" : `${info.class} GPU`})`;
}

function findings({ probe, limits }: WebGpuDevice): string[][] {
  const bytes = /Size$/;
  return [
    [
      "probe",
      [
        `a * b + c is ${probe.fuses ? "fused to one rounding" : "rounded twice"}`,
        `(a + b) - b is ${probe.reassociates ? "folded to a" : "computed as written"}`,
        `numbers below 2^-126 ${probe.flushesSubnormals ? "become zero" : "are kept"}`,
      ].join("; "),
    ],
    ["spelling", SPELLINGS[probe.spelling]],
    ...Object.entries(limits).map(([name, value], i) => [
      i === 0 ? "limits" : "",
      `${name} ${bytes.test(name) ? formatBytes(value) : value.toLocaleString("en")}`,
    ]),
  ];
}

async function choice(): Promise<string> {
  const { device, note, spare } = await chooseDevice(denoHost, "auto");
  device.close();
  spare?.close();
  return `${device.info.kind}: ${note}`;
}

/** Names of the installed Vulkan drivers, as their files in /usr/share/vulkan are called. */
async function vulkanDrivers(): Promise<string[]> {
  const listings = await Promise.all(DRIVER_FOLDERS.map((folder) => denoHost.list(folder)));
  return listings.flatMap(({ files }) => files.map((file) => file.replace(/(_icd.*)?\.json$/, "")));
}

function advice(adapter: WebGpuDevice | undefined): string[] {
  if (adapter && adapter.info.class !== "software") {
    return adapter.probe.spelling === "none"
      ? ["a newer driver for the GPU may keep the arithmetic contract"]
      : ["nothing to install: the GPU is used"];
  }
  if (Deno.build.os !== "linux") return ["a GPU, with its vendor's newest driver"];
  return [
    "NVIDIA GPU: install its driver with the Vulkan part (nvidia_icd.json) and libvulkan1",
    "AMD or Intel GPU: apt-get install mesa-vulkan-drivers",
    ...(adapter ? [] : [
      "no GPU: the same package has a software adapter, on which the WGSL kernels are checked",
    ]),
  ];
}

if (import.meta.main) await runCommand(() => main(Deno.args));
