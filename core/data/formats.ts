/** The data sets that there are. */
import {
  CIFAR10,
  CIFAR10_FILES,
  type Cifar10Edition,
  damagedCifar10,
  loadCifar10,
} from "./cifar10.ts";
import type { Format, Formats } from "./format.ts";
import { damagedMnist, loadMnist, MNIST, MNIST_FILES, type MnistEdition } from "./mnist.ts";
import { cifar10StandIn } from "./stand_in_cifar10.ts";
import { mnistStandIn } from "./stand_in_mnist.ts";

/** MNIST. */
export function mnistFormat(edition: MnistEdition): Format {
  return {
    title: "MNIST",
    fileNames: MNIST_FILES,
    archives: edition.archives,
    load: (files, folder) => loadMnist(files, folder, edition),
    damaged: (files, folder) => damagedMnist(files, folder, edition),
    standIn: mnistStandIn,
  };
}

/** CIFAR-10. */
export function cifar10Format(edition: Cifar10Edition): Format {
  return {
    title: "CIFAR-10",
    fileNames: CIFAR10_FILES,
    subfolder: "cifar-10-batches-bin",
    archives: edition.archives,
    load: (files, folder) => loadCifar10(files, folder, edition),
    damaged: (files, folder) => damagedCifar10(files, folder, edition),
    standIn: cifar10StandIn,
  };
}

/** As published. */
export const FORMATS: Formats = { mnist: mnistFormat(MNIST), cifar10: cifar10Format(CIFAR10) };
