// Style sheets are imported for what esbuild makes of them; they export nothing.
declare module "*.css";
