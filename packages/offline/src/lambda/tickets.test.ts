import { describe, expect, it } from "vitest";

import { begin, log, Tickets } from "./tickets.mjs";

describe("a ticket", () => {
  it("that has begun cannot be revoked", () => {
    const tickets = new Tickets(2);
    const ticket = tickets.issue();
    expect([begin(tickets.shared, ticket), tickets.revoke(ticket), begin(tickets.shared, ticket)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("that was revoked cannot begin", () => {
    const tickets = new Tickets(2);
    const ticket = tickets.issue();
    expect([tickets.revoke(ticket), begin(tickets.shared, ticket), tickets.revoke(ticket)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("cannot begin in the place of a later one", () => {
    const tickets = new Tickets(2);
    const [first, , third] = [tickets.issue(), tickets.issue(), tickets.issue()] as [number, number, number];
    expect([begin(tickets.shared, first), begin(tickets.shared, third)]).toEqual([false, true]);
  });

  it("is logged once its first record is written", () => {
    const tickets = new Tickets(2);
    const ticket = tickets.issue();
    begin(tickets.shared, ticket);
    expect(tickets.isLogged(ticket)).toBe(false);
    log(tickets.shared, ticket);
    expect([tickets.isLogged(ticket), tickets.revoke(ticket)]).toEqual([true, false]);
  });
});
