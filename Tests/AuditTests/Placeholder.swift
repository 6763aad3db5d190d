// The audit's tests come with the audit.
