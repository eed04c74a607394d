// SPDX-License-Identifier: MPL-2.0
// Types go, what they stand for stays: enums, parameter properties, namespaces, decorators.
export const enum Kind { Circle = 1, Square = Circle << 1, Both = Circle | Square }

export namespace Units {
    export const inch = 25.4;
    export function toInches(millimetres: number): number { return millimetres / inch; }
}

function logged(_target: object, name: string, descriptor: PropertyDescriptor): void {
    const inner = descriptor.value;
    descriptor.value = function (this: unknown, ...values: unknown[]) { console.log(name); return inner.apply(this, values); };
}

export abstract class Shape<T extends { size: number }> {
    declare readonly brand: unique symbol;
    constructor(protected readonly data: T, public kind: Kind = Kind.Circle) {}
    @logged area(): number { return this.kind === Kind.Circle ? Math.PI * this.data.size ** 2 : (<T>this.data).size * this.data!.size; }
    get label(): `shape-${number}` { return `shape-${Units.toInches(this.data.size)}` as const; }
}

export type { Kind as ShapeKind };
