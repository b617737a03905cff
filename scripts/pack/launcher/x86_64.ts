import {
  type Condition,
  littleEndian,
  MachineCode,
  type Register,
  SYSTEM_CALLS,
  type SystemCall,
} from "./machine_code.ts";

const RSP = 4;

const REGISTERS: Readonly<Record<Register, number>> = {
  v0: 3, //  rbx
  v1: 5, //  rbp
  v2: 12,
  v3: 13,
  v4: 14,
  v5: 15,
  a0: 7, //  rdi
  a1: 6, //  rsi
  a2: 2, //  rdx
  a3: 10,
  a4: 8,
  a5: 9,
  result: 0, // rax
};

const JUMPS: Readonly<Record<Condition, number>> = {
  equal: 0x84,
  unequal: 0x85,
  below: 0x82,
  less: 0x8c,
};

/** The code of x86-64. */
export class X8664 extends MachineCode {
  readonly machine = 62;

  takeStack(to: Register): void {
    this.#registers([0x89], RSP, REGISTERS[to]);
  }

  set(to: Register, value: number): void {
    this.#registers([0xc7], 0, REGISTERS[to]);
    this.emit(...littleEndian(value, 4));
  }

  address(to: Register, label: string): void {
    this.#registers([0xc7], 0, REGISTERS[to]);
    this.refer(label, (at, address) => this.patch(at, littleEndian(address, 4)));
    this.emit(0, 0, 0, 0);
  }

  move(to: Register, from: Register): void {
    this.#registers([0x89], REGISTERS[from], REGISTERS[to]);
  }

  load(to: Register, base: Register, offset = 0): void {
    this.#memory([0x8b], REGISTERS[to], REGISTERS[base], offset);
  }

  loadByte(to: Register, base: Register): void {
    this.#memory([0x0f, 0xb6], REGISTERS[to], REGISTERS[base], 0);
  }

  store(base: Register, from: Register): void {
    this.#memory([0x89], REGISTERS[from], REGISTERS[base], 0);
  }

  storeByte(base: Register, from: Register): void {
    this.#memory([0x88], REGISTERS[from], REGISTERS[base], 0);
  }

  increase(to: Register, by: number): void {
    this.#registers([0x81], 0, REGISTERS[to]);
    this.emit(...littleEndian(by, 4));
  }

  add(to: Register, from: Register): void {
    this.#registers([0x01], REGISTERS[from], REGISTERS[to]);
  }

  subtract(to: Register, from: Register): void {
    this.#registers([0x29], REGISTERS[from], REGISTERS[to]);
  }

  compare(one: Register, other: Register | number): void {
    if (typeof other === "number") {
      this.#registers([0x81], 7, REGISTERS[one]);
      this.emit(...littleEndian(other, 4));
    } else {
      this.#registers([0x39], REGISTERS[other], REGISTERS[one]);
    }
  }

  branch(condition: Condition, label: string): void {
    this.emit(0x0f, JUMPS[condition]);
    this.#relative(label);
  }

  jump(label: string): void {
    this.emit(0xe9);
    this.#relative(label);
  }

  call(label: string): void {
    this.emit(0xe8);
    this.#relative(label);
  }

  return(): void {
    this.emit(0xc3);
  }

  systemCall(name: SystemCall): void {
    this.emit(0xb8, ...littleEndian(SYSTEM_CALLS[name][0], 4), 0x0f, 0x05);
  }

  /** An instruction on two registers, of 64 bits. */
  #registers(code: readonly number[], register: number, other: number): void {
    this.emit(0x48 | register >> 3 << 2 | other >> 3, ...code);
    this.emit(0xc0 | (register & 7) << 3 | other & 7);
  }

  /** An instruction on a register and memory, of 64 bits. */
  #memory(code: readonly number[], register: number, base: number, offset: number): void {
    this.emit(0x48 | register >> 3 << 2 | base >> 3, ...code);
    this.emit(0x80 | (register & 7) << 3 | base & 7);
    // In the place of rsp and r12 stands a second byte, which names them again.
    if ((base & 7) === RSP) this.emit(0x24);
    this.emit(...littleEndian(offset, 4));
  }

  #relative(label: string): void {
    this.refer(
      label,
      (at, address) => this.patch(at, littleEndian(address - this.addressAt(at + 4), 4)),
    );
    this.emit(0, 0, 0, 0);
  }
}
