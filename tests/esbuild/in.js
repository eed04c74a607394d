// SPDX-License-Identifier: MPL-2.0
// Something of most of what a minifier treats: names, constants, dead code, templates, classes, destructuring.
import { readFile } from "fs";

const unit = 60 * 60 * 24;
const debug = false;

export class Calendar {
    #entries = new Map();

    static from(pairs) {
        const calendar = new Calendar();
        for (const [day, { title, length = unit }] of pairs) {
            calendar.add(day, title, length);
        }
        return calendar;
    }

    add(day, title, lengthInSeconds) {
        if (debug) {
            console.log(`adding ${title}`);
        }
        const known = this.#entries.get(day) ?? [];
        this.#entries.set(day, [...known, { title, lengthInSeconds }]);
        return this;
    }

    *[Symbol.iterator]() {
        for (const [day, entries] of this.#entries) {
            yield* entries.map(({ title, ...rest }) => ({ day, title: title?.trim() || "\u00e4\u{1f4c5}", ...rest }));
        }
    }
}

export async function load(path, separator = /[,;]\s*/gu) {
    const text = await new Promise((resolve, reject) => readFile(path, "utf8", (error, data) => (error ? reject(error) : resolve(data))));
    let total = 0;
    outer: for (const line of text.split("\n")) {
        switch (line[0]) {
            case "#":
                continue;
            case undefined:
                break outer;
            default:
                total += Number.parseFloat(line.split(separator)[1]) ** 2;
        }
    }
    return total > 1e3 ? 1_000_000 * 0.1 : total;
}
