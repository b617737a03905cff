export interface ExistsOptions {
  isReadable?: boolean;
  isDirectory?: boolean;
  isFile?: boolean;
}
export interface WalkEntry extends Deno.DirEntry {
  path: string;
}
export interface WalkOptions {
  maxDepth?: number;
  includeFiles?: boolean;
  includeDirs?: boolean;
  includeSymlinks?: boolean;
  followSymlinks?: boolean;
  canonicalize?: boolean;
  exts?: string[];
  match?: RegExp[];
  skip?: RegExp[];
}
export interface ExpandGlobOptions {
  root?: string;
  exclude?: string[];
  includeDirs?: boolean;
  followSymlinks?: boolean;
  canonicalize?: boolean;
  extended?: boolean;
  globstar?: boolean;
  caseInsensitive?: boolean;
}
export interface CopyOptions {
  overwrite?: boolean;
  preserveTimestamps?: boolean;
}
export interface MoveOptions {
  overwrite?: boolean;
}

export declare function exists(path: string | URL, options?: ExistsOptions): Promise<boolean>;
export declare function existsSync(path: string | URL, options?: ExistsOptions): boolean;
export declare function ensureDir(dir: string | URL): Promise<void>;
export declare function ensureDirSync(dir: string | URL): void;
export declare function ensureFile(filePath: string | URL): Promise<void>;
export declare function ensureFileSync(filePath: string | URL): void;
export declare function ensureSymlink(target: string | URL, linkName: string | URL): Promise<void>;
export declare function ensureSymlinkSync(target: string | URL, linkName: string | URL): void;
export declare function emptyDir(dir: string | URL): Promise<void>;
export declare function emptyDirSync(dir: string | URL): void;
export declare function copy(
  src: string | URL,
  dest: string | URL,
  options?: CopyOptions,
): Promise<void>;
export declare function copySync(
  src: string | URL,
  dest: string | URL,
  options?: CopyOptions,
): void;
export declare function move(
  src: string | URL,
  dest: string | URL,
  options?: MoveOptions,
): Promise<void>;
export declare function moveSync(
  src: string | URL,
  dest: string | URL,
  options?: MoveOptions,
): void;
export declare function walk(
  root: string | URL,
  options?: WalkOptions,
): AsyncIterableIterator<WalkEntry>;
export declare function walkSync(
  root: string | URL,
  options?: WalkOptions,
): IterableIterator<WalkEntry>;
export declare function expandGlob(
  glob: string | URL,
  options?: ExpandGlobOptions,
): AsyncIterableIterator<WalkEntry>;
export declare function expandGlobSync(
  glob: string | URL,
  options?: ExpandGlobOptions,
): IterableIterator<WalkEntry>;
