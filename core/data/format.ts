/** What the loading and the download of a data set share: its files, and where they are published. */
import type { Dataset, DatasetName } from "./dataset.ts";
import type { Files } from "./files.ts";

/** A packed file as it is published. */
export interface Archive {
  /** "train-images-idx3-ubyte.gz" */
  readonly name: string;
  readonly bytes: number;
  /** SHA-256 of the packed file, in lower-case hex. */
  readonly sha256: string;
  /** Its mirrors, in the order in which they are asked. */
  readonly addresses: readonly string[];
  /** What it unpacks to: names, and lengths in bytes. */
  readonly files: Readonly<Record<string, number>>;
  /** The folder in the tar archive that holds `files`; left out, one file is packed by gzip alone. */
  readonly folder?: string;
}

/** One data set as it is published. */
export interface Format {
  readonly title: string;
  readonly fileNames: readonly string[];
  /** The folder that the published archive unpacks to. */
  readonly subfolder?: string;
  readonly archives: readonly Archive[];
  /** Reads and verifies the files in a folder; a DataError where they are not as published. */
  readonly load: (files: Files, folder: string) => Promise<Dataset>;
  /** Which of the files in a folder are missing or not as published. */
  readonly damaged: (files: Files, folder: string) => Promise<readonly string[]>;
  readonly standIn: () => Promise<Dataset>;
}

/** All data sets. */
export type Formats = Readonly<Record<DatasetName, Format>>;
