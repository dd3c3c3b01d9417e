import { http } from "./http";

export const handler = http({});
