// Of the producer: with more, PostgreSQL's processes only get in each other's way on one core.
export const CONNECTIONS = 32;
