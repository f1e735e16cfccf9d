/** The form in which e-mails are compared: people write them with capitals or without. */
export const foldEmail = (email: string): string => email.normalize('NFKC').toLowerCase();
