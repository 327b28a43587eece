using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Causerie.Rules;

/// <summary>Compiles a line as if it stood in a room, with that room's banned symbols and unsafe setting.</summary>
internal static class RoomCompiler
{
    private static readonly ImmutableArray<MetadataReference> Framework =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => path.EndsWith(".dll", StringComparison.Ordinal))
            .Select(path => MetadataReference.CreateFromFile(path))];

    private static readonly ImmutableArray<DiagnosticAnalyzer> Analyzers =
        [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "analyzers"), "*.dll")
            .SelectMany(path => new AnalyzerFileReference(path, new Loader()).GetAnalyzers(LanguageNames.CSharp))];

    /// <summary>Ids of what the compiler and the banned-symbol analyzer say of <paramref name="body"/>.</summary>
    public static async Task<ImmutableArray<string>> DiagnosticsAsync(string room, string body)
    {
        string source = $"using System; using System.Threading; using System.Threading.Tasks;\n" +
            $"namespace Causerie.{room}; public class Probe {{ public static object? M(Task<int> task) {{ {body} }} }}";
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, allowUnsafe: room == "Compute", nullableContextOptions: NullableContextOptions.Enable);
        var compilation = CSharpCompilation.Create(
            "Probe", [CSharpSyntaxTree.ParseText(source)], Framework, options);
        var banned = new[] { "src/BannedSymbols.txt", $"src/{room}/BannedSymbols.txt" }
            .Select(path => Path.Combine(House.Root, path))
            .Where(File.Exists)
            .Select((path, i) => (AdditionalText)new Text($"BannedSymbols.{i}.txt", File.ReadAllText(path)))
            .ToImmutableArray();
        var analysis = compilation.WithAnalyzers(Analyzers, new AnalyzerOptions(banned));
        var found = await analysis.GetAllDiagnosticsAsync(TestContext.Current.CancellationToken);
        return [.. found.Where(d => d.Severity >= DiagnosticSeverity.Warning && d.Id != "CS1701").Select(d => d.Id).Distinct().Order()];
    }

    private sealed class Text(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }

    private sealed class Loader : IAnalyzerAssemblyLoader
    {
        public void AddDependencyLocation(string fullPath)
        {
        }

        public System.Reflection.Assembly LoadFromPath(string fullPath) => System.Reflection.Assembly.LoadFrom(fullPath);
    }
}
