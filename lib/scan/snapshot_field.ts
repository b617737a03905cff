/** A snapshot that can't be read: which field is wrong, and how. */
export class SnapshotError extends Error {
  override name = "SnapshotError";
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}

/** A value of a snapshot together with its place in it, so that an error can name the place. */
export class Field {
  readonly #value: unknown;
  readonly #path: string;

  /**
   * @param value The value, as JSON.parse gave it; undefined where the field is missing.
   * @param path Its place: `services[3].service.state.phase`; empty for the whole snapshot.
   */
  constructor(value: unknown, path = "") {
    this.#value = value;
    this.#path = path;
  }

  /** Throws the error that says what this field must be. */
  refuse(wanted: string): never {
    const found = this.#value === undefined ? "is missing" : `is ${shown(this.#value)}`;
    throw new SnapshotError(`${this.#path || "the snapshot"}: ${found}, must be ${wanted}`);
  }

  /** Whether the field is there. */
  get present(): boolean {
    return this.#value !== undefined;
  }

  /** Returns the field of that name of an object. */
  get(name: string): Field {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.refuse("an object");
    }
    return new Field(
      Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined,
      this.#path === "" ? name : `${this.#path}.${name}`,
    );
  }

  /** Returns the elements of a list. */
  list(): Field[] {
    const value = this.#value;
    if (!Array.isArray(value)) this.refuse("a list");
    return value.map((element, index) => new Field(element, `${this.#path}[${index}]`));
  }

  /** Returns true or false. */
  boolean(): boolean {
    return typeof this.#value === "boolean" ? this.#value : this.refuse("true or false");
  }

  /** Returns a number from `low` to `high`. */
  number(low: number, high: number): number {
    const value = this.#value;
    const fits = typeof value === "number" && value >= low && value <= high;
    return fits ? value : this.refuse(`a number from ${low} to ${high}`);
  }

  /** Returns a whole number from `low` to `high`. */
  integer(low: number, high: number): number {
    const value = this.#value;
    const fits = typeof value === "number" && Number.isInteger(value) && value >= low &&
      value <= high;
    return fits ? value : this.refuse(`a whole number from ${low} to ${high}`);
  }

  /** Returns a text that matches a pattern; `wanted` says in words what that is. */
  text(pattern: RegExp, wanted: string): string {
    const value = this.#value;
    return typeof value === "string" && pattern.test(value) ? value : this.refuse(wanted);
  }

  /** Returns one of some words. */
  oneOf<T extends string>(words: readonly T[]): T {
    const value = this.#value;
    return words.find((word) => word === value) ?? this.refuse(`one of ${words.join(", ")}`);
  }

  /** Reads the field by `read` where it is there; undefined where it is missing. */
  optional<T>(read: (field: Field) => T): T | undefined {
    return this.present ? read(this) : undefined;
  }
}
