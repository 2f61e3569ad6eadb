// Owns loading what is installed in this folder: a name is looked up from here, wherever the caller lies.
export const load = (name) => import(name);
