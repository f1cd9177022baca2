export const API = 5570;
export const UI = 5571;
