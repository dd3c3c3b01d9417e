// Gives a worker thread two properties of the process in which Lambda runs a function: its own
// current folder, and the appearance of the main thread.
import childProcess from "node:child_process";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import threads from "node:worker_threads";

/** @typedef {(...args: any[]) => any} AnyFunction */

/** Functions of `node:fs` and `node:fs/promises` whose first argument is a path, without `Sync`. */
const WITH_PATH = [
  "access appendFile chmod chown createReadStream createWriteStream exists lchmod lchown lstat lutimes mkdir " +
    "mkdtemp open",
  "openAsBlob opendir readdir readFile readlink realpath rm rmdir stat statfs truncate unlink unwatchFile utimes watch",
  "watchFile writeFile",
].flatMap((names) => names.split(" "));

/** Functions whose first two arguments are paths. */
const WITH_TWO_PATHS = ["copyFile", "cp", "link", "rename"];

/** Functions of `node:child_process`. True if a list of arguments may come before the options. */
const WITH_FOLDER = {
  exec: false,
  execSync: false,
  execFile: true,
  execFileSync: true,
  fork: true,
  spawn: true,
  spawnSync: true,
};

/**
 * Makes this thread look like a process whose current folder is `folder`. `process.chdir` changes
 * it. Relative paths start there in `node:path`, `node:fs` and child processes.
 *
 * @param {string} folder
 */
export function actAsProcess(folder) {
  let current = folder;
  const locate = (/** @type {unknown} */ file) => absolute(current, file);
  process.cwd = () => current;
  process.chdir = (directory) => {
    if (typeof directory !== "string") {
      const message = 'The "directory" argument must be of type string.';
      throw Object.assign(new TypeError(message), { code: "ERR_INVALID_ARG_TYPE" });
    }
    const target = path.resolve(current, directory);
    if (!fs.statSync(target, { throwIfNoEntry: false })?.isDirectory()) throw cannotEnter(current, directory, target);
    current = fs.realpathSync(target); // like getcwd of the system
  };
  for (const names of [WITH_PATH, WITH_PATH.map((name) => `${name}Sync`)]) {
    patch(fs, names, ([file, ...rest]) => [locate(file), ...rest]);
  }
  patch(fs.promises, WITH_PATH, ([file, ...rest]) => [locate(file), ...rest]);
  for (const target of [fs, fs.promises]) {
    patch(target, [...WITH_TWO_PATHS, ...WITH_TWO_PATHS.map((name) => `${name}Sync`)], ([from, to, ...rest]) => [
      locate(from),
      locate(to),
      ...rest,
    ]);
    // The target of a symbolic link is relative to the link.
    patch(target, ["symlink", "symlinkSync"], ([to, file, ...rest]) => [to, locate(file), ...rest]);
  }
  for (const [name, takesList] of Object.entries(WITH_FOLDER)) {
    patch(childProcess, [name], (args) => withFolder(args, takesList, current));
  }
  Object.assign(threads, { isMainThread: true, parentPort: null, workerData: null });
  syncBuiltinESMExports();
}

/**
 * @param {string} current
 * @param {unknown} file
 * @returns {unknown}
 */
function absolute(current, file) {
  if (typeof file === "string") return file === "" || path.isAbsolute(file) ? file : `${current}${path.sep}${file}`;
  if (file instanceof Uint8Array && file.length > 0) {
    return Buffer.from(/** @type {string} */ (absolute(current, Buffer.from(file).toString("latin1"))), "latin1");
  }
  return file; // a URL or a descriptor
}

/**
 * @param {unknown[]} args
 * @param {boolean} takesList
 * @param {string} current
 */
function withFolder([file, ...args], takesList, current) {
  const at = takesList && (Array.isArray(args[0]) || (args.length > 1 && args[0] == null)) ? 1 : 0;
  const given = args[at];
  const hasOptions = typeof given === "object" && given !== null;
  const cwd = hasOptions && "cwd" in given && given.cwd != null ? absolute(current, given.cwd) : current;
  const rest = args.slice(hasOptions || (given == null && at < args.length) ? at + 1 : at);
  return [file, ...args.slice(0, at), { ...(hasOptions && given), cwd }, ...rest];
}

/**
 * @param {any} target
 * @param {string[]} names
 * @param {(args: any[]) => any[]} mapArguments
 */
function patch(target, names, mapArguments) {
  for (const name of names) {
    if (typeof target[name] === "function") target[name] = wrap(target[name], mapArguments);
  }
}

/**
 * @param {AnyFunction} original
 * @param {(args: any[]) => any[]} mapArguments
 */
function wrap(original, mapArguments) {
  const call = (/** @type {AnyFunction} */ target) =>
    /**
     * @this {unknown}
     * @param {any[]} args
     */
    function (...args) {
      return target.apply(this, mapArguments(args));
    };
  const wrapper = call(original);
  for (const key of Reflect.ownKeys(original)) {
    const descriptor = /** @type {PropertyDescriptor} */ (Object.getOwnPropertyDescriptor(original, key));
    // `realpath.native` and the promisified function take the same arguments.
    const isVariant = key === "native" || key === promisify.custom;
    const value = isVariant && typeof descriptor.value === "function" ? { value: call(descriptor.value) } : {};
    Object.defineProperty(wrapper, key, { ...descriptor, ...value });
  }
  return wrapper;
}

/**
 * @param {string} current
 * @param {string} directory
 * @param {string} target
 */
function cannotEnter(current, directory, target) {
  const [code, text, errno] = fs.existsSync(target)
    ? ["ENOTDIR", "not a directory", -20]
    : ["ENOENT", "no such file or directory", -2];
  const message = `${code}: ${text}, chdir '${current}' -> '${directory}'`;
  return Object.assign(new Error(message), { errno, code, syscall: "chdir", path: current, dest: directory });
}
