import {
  type Condition,
  littleEndian,
  MachineCode,
  type Register,
  SYSTEM_CALLS,
  type SystemCall,
} from "./machine_code.ts";

/** The stack pointer or zero, as the instruction has it. */
const SP = 31;
const NUMBER_OF_CALL = 8;

const REGISTERS: Readonly<Record<Register, number>> = {
  v0: 19,
  v1: 20,
  v2: 21,
  v3: 22,
  v4: 23,
  v5: 24,
  a0: 0,
  a1: 1,
  a2: 2,
  a3: 3,
  a4: 4,
  a5: 5,
  result: 0,
};

const CONDITIONS: Readonly<Record<Condition, number>> = {
  equal: 0,
  unequal: 1,
  below: 3,
  less: 11,
};

/** The code of AArch64: each instruction has 32 bits. */
export class Aarch64 extends MachineCode {
  readonly machine = 183;

  takeStack(to: Register): void {
    this.#emit(0x9100_0000 | SP << 5 | REGISTERS[to]);
  }

  set(to: Register, value: number): void {
    this.#set(REGISTERS[to], value);
  }

  address(to: Register, label: string): void {
    const register = REGISTERS[to];
    this.refer(label, (at, address) => {
      this.patch(at, [...this.#low(register, address), ...this.#high(register, address)]);
    });
    this.#set(register, 0);
  }

  move(to: Register, from: Register): void {
    this.#emit(0xaa00_03e0 | REGISTERS[from] << 16 | REGISTERS[to]);
  }

  load(to: Register, base: Register, offset = 0): void {
    this.#emit(0xf940_0000 | offset / 8 << 10 | REGISTERS[base] << 5 | REGISTERS[to]);
  }

  loadByte(to: Register, base: Register): void {
    this.#emit(0x3940_0000 | REGISTERS[base] << 5 | REGISTERS[to]);
  }

  store(base: Register, from: Register): void {
    this.#emit(0xf900_0000 | REGISTERS[base] << 5 | REGISTERS[from]);
  }

  storeByte(base: Register, from: Register): void {
    this.#emit(0x3900_0000 | REGISTERS[base] << 5 | REGISTERS[from]);
  }

  increase(to: Register, by: number): void {
    const register = REGISTERS[to];
    this.#emit(
      (by < 0 ? 0xd100_0000 : 0x9100_0000) | Math.abs(by) << 10 | register << 5 | register,
    );
  }

  add(to: Register, from: Register): void {
    this.#emit(0x8b00_0000 | REGISTERS[from] << 16 | REGISTERS[to] << 5 | REGISTERS[to]);
  }

  subtract(to: Register, from: Register): void {
    this.#emit(0xcb00_0000 | REGISTERS[from] << 16 | REGISTERS[to] << 5 | REGISTERS[to]);
  }

  compare(one: Register, other: Register | number): void {
    this.#emit(
      typeof other === "number"
        ? 0xf100_001f | other << 10 | REGISTERS[one] << 5
        : 0xeb00_001f | REGISTERS[other] << 16 | REGISTERS[one] << 5,
    );
  }

  branch(condition: Condition, label: string): void {
    this.#relative(0x5400_0000 | CONDITIONS[condition], label, 5, 19);
  }

  jump(label: string): void {
    this.#relative(0x1400_0000, label, 0, 26);
  }

  call(label: string): void {
    this.#relative(0x9400_0000, label, 0, 26);
  }

  return(): void {
    this.#emit(0xd65f_03c0);
  }

  systemCall(name: SystemCall): void {
    this.#set(NUMBER_OF_CALL, SYSTEM_CALLS[name][1]);
    this.#emit(0xd400_0001);
  }

  #emit(instruction: number): void {
    this.emit(...littleEndian(instruction >>> 0, 4));
  }

  /** Puts a number into a register, always by two instructions. */
  #set(register: number, value: number): void {
    if (value < 0) {
      // The register gets the complement.
      this.#emit(0x9280_0000 | ~value << 5 | register);
      return;
    }
    this.emit(...this.#low(register, value), ...this.#high(register, value));
  }

  #low(register: number, value: number): number[] {
    return littleEndian((0xd280_0000 | (value & 0xffff) << 5 | register) >>> 0, 4);
  }

  #high(register: number, value: number): number[] {
    return littleEndian((0xf2a0_0000 | (value >>> 16) << 5 | register) >>> 0, 4);
  }

  /** An instruction with a distance, in instructions, of `bits` bits. */
  #relative(instruction: number, label: string, shift: number, bits: number): void {
    this.refer(label, (at, address) => {
      const distance = (address - this.addressAt(at)) / 4 & (1 << bits) - 1;
      this.patch(at, littleEndian((instruction | distance << shift) >>> 0, 4));
    });
    this.#emit(instruction);
  }
}
