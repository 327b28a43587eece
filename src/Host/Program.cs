using Causerie.Host.Models;
using Causerie.Host.Serving;
using Causerie.Host.Serving.Access;

var options = new ServerOptions
{
    ApiKey = ApiKey.Find(null, Environment.GetEnvironmentVariable),
};
await using var library = new ModelLibrary(
    (_, file, _, _) => throw new NotSupportedException($"'{file}' cannot be opened: no engine is built in yet."));
try
{
    await Server.RunAsync(options, library, Console.Out, CancellationToken.None);
    return 0;
}
catch (ServerException failure)
{
    Console.Error.WriteLine($"causerie: {failure.Message}");
    return 1;
}
