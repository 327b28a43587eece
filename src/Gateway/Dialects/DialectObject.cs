namespace Causerie.Gateway.Dialects;

/// <summary>What an API keeps of a request and its answer, for the caller to come back to.</summary>
/// <param name="Kind">What it is, such as <c>response</c>.</param>
/// <param name="Id">Its name in the API.</param>
/// <param name="Json">The whole, as JSON.</param>
public sealed record DialectObject(string Kind, string Id, string Json);
