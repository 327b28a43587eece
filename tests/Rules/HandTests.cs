using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Causerie.Rules;

/// <summary>The hand of the house: file length, names, summaries, no static mutable state.</summary>
public sealed partial class HandTests
{
    private const int LongestFile = 600;

    [Fact]
    public void No_file_is_longer_than_600_lines()
    {
        Assert.Empty(House.Sources("src").Concat(House.Sources("tests")).SelectMany(TooLong));
        Assert.Single(TooLong(new SourceFile("src/X/Y.cs", new string('\n', LongestFile + 1))));
    }

    [Fact]
    public void No_type_is_a_drawer_for_odds_and_ends()
    {
        Assert.Empty(House.Sources("src").Concat(House.Sources("tests")).SelectMany(DrawerNames));
        Assert.Single(DrawerNames(new SourceFile("src/X/Y.cs", "namespace X; class StringUtils { }")));
        Assert.Single(DrawerNames(new SourceFile("src/X/Helpers.cs", "namespace X; class Y { }")));
    }

    [Fact]
    public void Every_public_type_says_what_it_is()
    {
        Assert.Empty(House.Sources("src").SelectMany(Undocumented));
        Assert.Single(Undocumented(new SourceFile("src/X/Y.cs", "namespace X; public class Y { }")));
    }

    [Fact]
    public void There_is_no_static_mutable_state()
    {
        Assert.Empty(House.Sources("src").SelectMany(MutableStatics));
        Assert.Single(MutableStatics(new SourceFile("src/X/Y.cs", "class Y { static int _n; }")));
        Assert.Single(MutableStatics(new SourceFile("src/X/Y.cs", "class Y { public static int N { get; set; } }")));
    }

    [Fact]
    public void Nothing_says_that_it_is_not_done()
    {
        Assert.Empty(House.Sources("src").Concat(House.Sources("tests")).Where(file => file.Name != nameof(HandTests)).SelectMany(Unfinished));
        Assert.Single(Unfinished(new SourceFile("src/X/Y.cs", "// TODO: later")));
        Assert.Single(Unfinished(new SourceFile("src/X/Y.cs", "throw new NotImplementedException();")));
    }

    [Fact]
    public void The_waist_is_records_that_cannot_change()
    {
        var settable = typeof(Chat.ChatRequest).Assembly.GetExportedTypes()
            .SelectMany(type => type.GetProperties(BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static))
            .Where(property => property.SetMethod is { IsPublic: true } set
                && !set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(System.Runtime.CompilerServices.IsExternalInit)))
            .Select(property => $"{property.DeclaringType}.{property.Name}");
        Assert.Empty(settable);
    }

    private static IEnumerable<string> TooLong(SourceFile file)
    {
        int lines = file.Text.Count(c => c == '\n');
        if (lines > LongestFile)
            yield return $"{file.Path} has {lines} lines; a file that outgrows {LongestFile} becomes a folder.";
    }

    private static IEnumerable<string> DrawerNames(SourceFile file) =>
        Types(file).Select(type => type.Identifier.Text).Append(file.Name)
            .Where(name => Drawer().IsMatch(name)).Distinct()
            .Select(name => $"{file.Path}: {name} does not say what it is.");

    private static IEnumerable<string> Undocumented(SourceFile file) =>
        Types(file)
            .Where(type => type.Modifiers.Any(SyntaxKind.PublicKeyword) && type.Parent is not TypeDeclarationSyntax)
            .Where(type => !type.Modifiers.Any(SyntaxKind.PartialKeyword) || type.BaseList is not null)
            .Where(type => !type.GetLeadingTrivia().ToFullString().Contains("<summary>") &&
                !type.GetLeadingTrivia().ToFullString().Contains("<inheritdoc"))
            .Select(type => $"{file.Path}: {type.Identifier.Text} has no summary.");

    private static IEnumerable<string> MutableStatics(SourceFile file)
    {
        var root = Parse(file);
        var fields = root.DescendantNodes().OfType<FieldDeclarationSyntax>()
            .Where(field => field.Modifiers.Any(SyntaxKind.StaticKeyword) && !field.Modifiers.Any(SyntaxKind.ReadOnlyKeyword))
            .Select(field => field.Declaration.ToString());
        var properties = root.DescendantNodes().OfType<PropertyDeclarationSyntax>()
            .Where(property => property.Modifiers.Any(SyntaxKind.StaticKeyword) &&
                property.AccessorList?.Accessors.Any(a => a.IsKind(SyntaxKind.SetAccessorDeclaration)) == true)
            .Select(property => property.Identifier.Text);
        return fields.Concat(properties).Select(name => $"{file.Path}: {name} is static and may change.");
    }

    private static IEnumerable<string> Unfinished(SourceFile file) =>
        NotDone().Matches(file.Text).Select(match => $"{file.Path}: {match.Value}");

    private static IEnumerable<BaseTypeDeclarationSyntax> Types(SourceFile file) =>
        Parse(file).DescendantNodes().OfType<BaseTypeDeclarationSyntax>();

    private static SyntaxNode Parse(SourceFile file) =>
        file.Path.EndsWith(".cs", StringComparison.Ordinal)
            ? CSharpSyntaxTree.ParseText(file.Text).GetRoot()
            : CSharpSyntaxTree.ParseText("").GetRoot();

    [GeneratedRegex("(Utils?|Utilities|Helpers?|Common|Manager|Factory)$")]
    private static partial Regex Drawer();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK)\b|new NotImplementedException")]
    private static partial Regex NotDone();
}
